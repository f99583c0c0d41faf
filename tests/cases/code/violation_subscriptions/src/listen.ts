import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export function listen(room: number, load: () => void) {
  // Trap (unheard-table): the table is not in the publication
  supabase.channel('a').on('postgres_changes', { event: '*', schema: 'public', table: 'notes' }, load).subscribe()

  // Trap (unheard-table): a view never is
  supabase.channel('b').on('postgres_changes', { event: '*', schema: 'public', table: 'open_requests' }, load)

  // Trap (unknown-column): of the filter
  supabase.channel('c').on('postgres_changes', { event: '*', schema: 'public', table: 'requests', filter: `rom=eq.${room}` }, load)

  // Trap (impossible-value): one of a list
  supabase.channel('d').on('postgres_changes', { event: '*', schema: 'public', table: 'requests', filter: 'room=in.(1,first)' }, load)

  // Trap (malformed-query): an operator of PostgREST that Realtime does not have
  supabase.channel('e').on('postgres_changes', { event: '*', schema: 'public', table: 'requests', filter: 'status=like.a' }, load)

  // Trap (malformed-query): there is no such event
  supabase.channel('f').on('postgres_changes', { event: 'INSERTED', schema: 'public', table: 'requests' }, load)
}
