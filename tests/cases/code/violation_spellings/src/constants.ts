import { db } from '@/lib/client'
import * as names from '@/lib/names'
import { Columns } from '@/lib/names'

const PREFIX = 'app'
// Trap (unknown-table): a frozen object, which is used below
const DEFAULTS = Object.freeze({ table: 'setting' })

// Trap (unknown-column, unknown-table): the default of a parameter, named as an aggregate function, and a parameter's type
export async function constants(kind: 'users' | 'teams', column = 'rank') {
  await db.from('users').select('id').order(column)

  // Trap (unknown-table): a template of constants
  await db.from(`${PREFIX}_setting`).select('key')

  // Trap (unknown-table): a sum
  await db.from(PREFIX + '_option').select('key')

  await db.from(DEFAULTS.table).select('key')

  // Trap (none): the enum has a column that is none, and stands in the other file
  await db.from('posts').select('id').eq(Columns.Editor, 1)

  await db.from(kind).select('id')

  // Trap (unknown-table): each of a list
  for (const table of ['users', 'comments'] as const) {
    await db.from(table).select('id')
  }
  return names.LIST
}
