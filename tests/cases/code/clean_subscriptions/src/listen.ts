import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export function listen(room: number, load: () => void) {
  // Trap (none): of one room, whichever it is
  supabase.channel('a').on('postgres_changes', { event: '*', schema: 'public', table: 'requests', filter: `room=eq.${room}` }, load)

  // Trap (none): a list of values, and an event in small letters
  supabase.channel('b').on('postgres_changes', { event: 'insert', schema: 'public', table: 'requests', filter: 'room=in.(1,2)' }, load)

  // Trap (none): all tables
  supabase.channel('c').on('postgres_changes', { event: 'DELETE', schema: 'public' }, load).subscribe()
}
