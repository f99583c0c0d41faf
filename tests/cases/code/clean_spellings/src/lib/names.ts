export const TABLES = { USERS: 'users', POSTS: 'posts' } as const
export const COLUMNS = ['id', 'name', 'email'] as const
export enum Columns {
  Author = 'author_id',
}
export const LIST = 'id, title'
