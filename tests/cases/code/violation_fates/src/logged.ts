import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function logged(id: string) {
  // Trap (logged-error): the customer waits for nobody
  const { error } = await supabase.from('requests').insert({ session_id: id })
  if (error) {
    console.error('no request', error)
  }

  // Trap (logged-error): by a logger
  const removed = await supabase.from('requests').delete().eq('id', id)
  if (removed.error) logger.warn({ error: removed.error }, 'still there')

  // Trap (logged-error): with &&
  const { error: failure } = await supabase.from('sessions').update({ status: 'x' }).eq('id', id)
  failure && console.log(failure.message)

  // Trap (logged-error): in an arm of a choice, of which the other does more
  const { error: lost } = await supabase.from('requests').delete().eq('id', id)
  lost ? console.error(lost) : refresh(id)

  // Trap (logged-error): the loop goes on
  for (const one of [id]) {
    const { error: problem } = await supabase.from('requests').delete().eq('id', one)
    if (problem) {
      console.error(problem)
      continue
    }
  }
  return { ok: true }
}
