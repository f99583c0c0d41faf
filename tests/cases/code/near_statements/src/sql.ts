import postgres from 'postgres'
import { Pool } from 'pg'

const sql = postgres(process.env.DATABASE_URL!)
const pool = new Pool()

export async function read(id: string) {
  // Trap (none): the name is that of a common table expression
  await sql`with recent as (select id from requests) select id from recent where id = ${id}`

  // Trap (none): a sentence for people
  console.log('select one of the requests from the list')

  // Trap (none): only a part of the statement is known
  const order = process.env.ORDER
  await pool.query('select id from requests order by ' + order)
}
