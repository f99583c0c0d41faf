import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function unsent(id: string) {
  // Trap (never-sent): supabase-js sends when it is awaited
  supabase.from('requests').insert({ session_id: id })

  // Trap (never-sent): it has a name, and nobody awaits it
  const query = supabase.from('sessions').update({ status: 'x' }).eq('id', id)

  // Trap (never-sent): a loop that does not wait
  ;[id].forEach((one) => {
    supabase.from('requests').delete().eq('id', one)
  })
}
