export enum Status {
  Accepted = 'accepted',
  // Trap (impossible-value): it is used in another file
  Approved = 'approved',
}
