import postgres from 'postgres'
import { Pool } from 'pg'

const sql = postgres(process.env.DATABASE_URL!)
const pool = new Pool()

export async function read(id: string) {
  await sql`select id, status from requests where id = ${id}`
  await pool.query('select r.id from public.requests r join files f on f.request_id = r.id where f.id = $1', [id])
  await pool.query(`
    insert into requests (status) values ($1)
    returning id
  `, ['x'])
}
