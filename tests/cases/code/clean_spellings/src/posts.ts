import { db, getClient } from '@/lib/client'
import { Columns, LIST, TABLES } from './lib/names'

export async function spellings(id: string, newest: boolean) {
  await getClient().from(TABLES.USERS).select('id, name')
  await db.from('posts').select(LIST).eq(Columns.Author, id)
  await (db as any).from('posts').select<string, any>(`id, title`).returns<unknown[]>()
  await db?.from('posts')?.select('id')
  const { from } = TABLES ? { from: TABLES.POSTS } : { from: TABLES.POSTS }
  await db.from(from).select('*')

  let query = db.from('posts').select('id, users(name)')
  if (newest) query = query.order('id', { ascending: false })
  query = query.limit(10)
  const { data, error } = await query
  if (error) throw error

  const row = { author_id: id, title: 'x', ...(newest && { body: 'new' }) }
  await db.from('posts').insert([row]).throwOnError()
  await db.from('posts').upsert({ ...row, tags: ['a'] }, { onConflict: 'id' }).throwOnError()
  return data
}
