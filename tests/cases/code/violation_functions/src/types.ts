export interface Renamed {
  id: string
  mechanic?: string
}
