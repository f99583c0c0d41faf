import { db } from '@/lib/client'

export async function filters(id: string) {
  // Trap (unknown-column): in() with a list above
  const names = ['a', 'b']
  await db.from('users').select('id').in('nickname', names)

  // Trap (unknown-column): a path of JSON begins with a column
  await db.from('posts').select('id').eq('data->>city', 'x')

  // Trap (unknown-column): or() of a template with a variable
  await db.from('users').select('id').or(`name.eq.${id},nickname.eq.${id}`)

  // Trap (unknown-column): or() of an embedded table
  await db.from('users').select('id, posts(title)').or('headline.eq.x,title.eq.y', { referencedTable: 'posts' })

  // Trap (unknown-column): not() with a list
  await db.from('users').select('id').not('nickname', 'in', '("a","b")')

  // Trap (unknown-column): the columns of an upsert's key
  await db.from('users').upsert({ email: 'x' }, { onConflict: 'mail' }).throwOnError()

  // Trap (unknown-column): textSearch()
  await db.from('posts').select('id').textSearch('content', 'a & b')

  // Trap (unknown-column): a count has filters, too
  await db.from('users').select('*', { count: 'exact', head: true }).gte('joined_at', '2024-01-01')

  // Trap (unknown-function): the function of another case
  await db.rpc('publishPost', { post: 1 }).throwOnError()

  // Trap (unknown-function): the arguments stand above
  const args = { id: 1 }
  await db.rpc('publish', args).throwOnError()
}
