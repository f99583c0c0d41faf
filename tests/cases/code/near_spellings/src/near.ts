import { db } from '@/lib/client'
import { TABLES } from '@/lib/names'

export async function near(id: string, table: string, form: Record<string, string>) {
  // Trap (none): the table is not known
  await db.from(table).select('anything')

  // Trap (none): a part of the name is not known
  await db.from(`app_${table}`).select('anything')

  // Trap (none): an index that is not known may be either of the two
  await db.from(TABLES[table as keyof typeof TABLES]).select('id')

  // Trap (none): the column is not known
  await db.from('users').select('id').eq(table, id)

  // Trap (none): nor is the column of this order
  await db.from('users').select('id').order(table)

  // Trap (none): what the form has is not known
  await db.from('users').update(form).eq('id', id).throwOnError()

  // Trap (none): a column that is taken away again is not sent
  const row: Record<string, unknown> = { name: 'x', password: 'y' }
  delete row.password
  await db.from('users').insert(row).throwOnError()

  // Trap (none): undefined is not sent
  await db.from('users').insert({ name: 'x', nickname: undefined }).throwOnError()

  // Trap (none): the name is set anew before it is used
  let name = 'user'
  name = 'users'
  await db.from(name).select('id')

  // Trap (none): a map and an array of the language
  const users = new Map([['user', 1]])
  users.delete('user')
  Array.from([1, 2]).filter(Boolean)

  // Trap (none): the parameter hides the constant of the file
  const read = async (TABLES: { USERS: string }) => db.from(TABLES.USERS).select('anything')
  await read({ USERS: table })

  // Trap (none): the code says that neither of the two is there
  const title = form.title ? 'x' : form.body ? null : undefined
  await db.from('posts').update({ title: title! }).eq('id', id).throwOnError()

  // Trap (none): a condition excludes the value that is no column
  const by = form.all ? 'all' : 'name'
  if (by !== 'all') await db.from('users').select('id').order(by)
}
