import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function swallowed(id: string) {
  // Trap (swallowed-error): it looks as if it were handled
  try {
    const { error } = await supabase.from('requests').insert({ session_id: id })
    if (error) throw error
  } catch (problem) {
    console.error(problem)
  }

  // Trap (swallowed-error): throwOnError() throws into it as well
  try {
    await supabase.from('sessions').update({ status: 'x' }).eq('id', id).throwOnError()
  } catch {
    // nothing
  }
  return { ok: true }
}
