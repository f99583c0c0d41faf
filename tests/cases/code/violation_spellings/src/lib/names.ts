export const TABLES = { USERS: 'users', POSTS: 'posts' } as const
export const COLUMNS = ['id', 'name', 'email'] as const
export enum Columns {
  Author = 'author_id',
  // Trap (unknown-column): it is used in another file
  Editor = 'editor_id',
}
export const LIST = 'id, title'
