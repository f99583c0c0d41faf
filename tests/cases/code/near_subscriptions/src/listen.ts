import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export function listen(load: () => void, room?: number) {
  // Trap (none): there is no publication of that name
  supabase.channel('a').on('postgres_changes', { event: '*', schema: 'public', table: 'notes' }, load).subscribe()

  // Trap (none): a filter that may not be there
  const filter = room ? `room=gte.${room}` : undefined
  supabase.channel('b').on('postgres_changes', { event: 'UPDATE', schema: 'public', table: 'requests', filter }, load)

  // Trap (none): a comma in the value of a text
  supabase.channel('c').on('postgres_changes', { event: '*', schema: 'public', table: 'requests', filter: 'status=eq.a,b' }, load)
}
