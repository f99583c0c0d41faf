import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function tables() {
  // Trap (unknown-table): the singular
  await supabase.from('session_request').select('id')

  // Trap (unknown-table): it is there, and the API does not expose its schema
  await supabase.from('invoices').select('id')

  // Trap (unknown-table): the schema is not exposed either when it is named
  await supabase.schema('billing').from('invoices').select('id')

  // Trap (unknown-table): the name of the table has its schema, which PostgREST takes for a part of the name
  await supabase.from('public.session_requests').select('id')

  // Trap (unknown-table): one of two constants
  const KIND = process.env.OLD ? 'mechanic' : 'mechanics'
  await supabase.from(KIND).select('id')
}
