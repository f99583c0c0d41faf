import { db } from '@/lib/client'

export async function payloads(id: string, tag: string, rest: object) {
  // Trap (unknown-column): the spread of an object that is known
  const base = { author_id: id, headline: 'x' }
  await db.from('posts').insert({ ...base, title: 'x' }).throwOnError()

  // Trap (unknown-column): a spread in a condition
  await db
    .from('posts')
    .insert({ author_id: id, title: 'x', ...(tag ? { tag } : {}) })
    .throwOnError()

  // Trap (unknown-column): rows of map()
  const rows = [tag].map((one) => ({ author_id: id, title: one, label: one }))
  await db.from('posts').insert(rows).throwOnError()

  // Trap (unknown-column): rows that are pushed
  const pushed: object[] = []
  pushed.push({ author_id: id, title: 'x', label: 'y' })
  await db.from('posts').insert(pushed).throwOnError()

  // Trap (unknown-column): Object.assign
  const row = {}
  Object.assign(row, { author_id: id, title: 'x', slug: 'y' })
  await db.from('posts').insert(row).throwOnError()

  // Trap (unknown-column): what is known beside a spread that is not
  await db.from('posts').insert({ ...rest, author: id }).throwOnError()

  // Trap (unknown-column): a key that is computed of a constant
  const KEY = 'headline'
  await db.from('posts').update({ [KEY]: 'x' }).eq('id', 1).throwOnError()

  // Trap (omitted-required-column): the function that makes the row forgets the title
  await db.from('posts').insert(made(id)).throwOnError()
}

function made(author_id: string) {
  return { author_id, body: '' }
}
