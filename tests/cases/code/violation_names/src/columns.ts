import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function columns(id: string) {
  // Trap (unknown-column): in a select
  await supabase.from('session_requests').select('id, state')

  // Trap (unknown-column): in a filter
  await supabase.from('session_requests').select('id').eq('stat', 'pending')

  // Trap (unknown-column): in one arm of a logical filter
  await supabase.from('session_requests').select('id').or('status.eq.pending,and(note.is.null,id.not.is.null)')

  // Trap (unknown-column): in an order
  await supabase.from('session_requests').select('id').order('created_at', { ascending: false })

  // Trap (unknown-column): of an embedded table
  await supabase.from('session_requests').select('id, mechanics(name)')

  // Trap (unknown-column): in a filter of an embedded table
  await supabase.from('session_requests').select('id, mechanics(full_name)').eq('mechanics.name', 'x')

  // Trap (unknown-column): the order of an embedded table
  await supabase.from('mechanics').select('id, session_requests(id)').order('at', { referencedTable: 'session_requests' })

  // Trap (unknown-column): an alias is no column, in a filter
  await supabase.from('mechanics').select('photo:full_name').eq('photo', 'x')

  // Trap (unknown-column): match() takes columns as keys
  await supabase.from('session_requests').select('id').match({ status: 'pending', owner: id })

  // Trap (unknown-column): not()
  await supabase.from('session_requests').select('id').not('cancelled_at', 'is', null)

  // Trap (unknown-column): filter()
  await supabase.from('session_requests').select('id').filter('priority', 'gte', 3)
}

export async function writes(id: string) {
  // Trap (unknown-column): in an insert
  await supabase.from('session_requests').insert({ notes: 'x', meta: {} }).throwOnError()

  // Trap (unknown-column): in the second of several rows
  await supabase
    .from('mechanics')
    .insert([
      { full_name: 'a', rating: 1 },
      { full_name: 'b', rating: 2, stars: 5 },
    ])
    .throwOnError()

  // Trap (unknown-column): the payload stands above the call, and is added to
  const row: Record<string, unknown> = { notes: 'x' }
  row.urgent = true
  if (id) row['mechanic_id'] = id
  await supabase.from('session_requests').insert(row).throwOnError()

  // Trap (unknown-column): in an update
  await supabase.from('session_requests').update({ state: 'done' }).eq('id', id).throwOnError()

  // Trap (unknown-column, unknown-column): two of them in one update
  await supabase.from('session_requests').update({ state: 'done', note: 'x' }).eq('id', id).throwOnError()

  // Trap (unknown-column): what a write returns
  await supabase.from('session_requests').insert({ notes: 'x' }).select('id, number').throwOnError()

  // Trap (unknown-column): onConflict
  await supabase.from('mechanics').upsert({ full_name: 'a' }, { onConflict: 'email' }).throwOnError()
}
