import postgres from 'postgres'
import { Pool } from 'pg'

const sql = postgres(process.env.DATABASE_URL!)
const pool = new Pool()

export async function read(id: string) {
  // Trap (unknown-table): in a template
  await sql`select id from request where id = ${id}`

  // Trap (unknown-column): in the second line of a statement
  await pool.query(`
    select r.id, r.state
    from requests r
    where r.id = $1`, [id])

  // Trap (rejected-statement): a comma before FROM
  await sql`select id, status, from requests`

  // Trap (rejected-statement): id is in both tables
  await pool.query('select id from requests r join files f on f.request_id = r.id')

  // Trap (unknown-function): no such function
  await pool.query('select uuid_generate_v4()')

  // Trap (generated-column-written): a generated column
  await sql`update requests set slug = 'x' where id = ${id}`

  // Trap (wrong-operator): a boolean is wanted
  await sql`select id from requests where status`
}
