export function unwrap<T>(result: { data: T; error: unknown }) {
  if (result.error) throw result.error
  return result.data
}

export const ids = (result: { data: any[] }) => result.data.map((one) => one.id)

export function report(problem: unknown) {
  console.error('lost', problem)
}

export function notify(problem: unknown) {
  console.error(problem)
  showToast('It was not saved')
}

export const logged = ({ error }: any) => {
  if (error) console.warn(error)
}
