import { db } from '@/lib/client'

const recent = () => db.from('posts').select('id, title')

export async function builders(id: string, tag?: string) {
  // Trap (unknown-column): a builder that is continued in a condition
  let query = db.from('posts').select('id')
  if (tag) {
    query = query.contains('labels', [tag])
  }
  await query

  // Trap (unknown-column): a builder that a function returns; the server takes rank for a function of the row
  await recent().gt('rank', 3)

  // Trap (unknown-column): a table that is used again
  const users = db.from('users')
  await users.select('id').eq('email', id)
  await users.select('id, nickname')

  // Trap (unknown-column): in the arms of a condition
  await (tag ? recent().eq('tag', tag) : recent())
}

function paged(query: any, page: number) {
  // Trap (unknown-column): a function that adds to a builder
  return query.order('published_at').range(page, page + 9)
}

export const first = async () => paged(db.from('posts').select('id'), 0)
