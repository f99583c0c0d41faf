import { createClient } from '@supabase/supabase-js'
import { unwrap, ids, report, logged } from '@/lib'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function page(id: string) {
  // Trap (swallowed-error): the helper throws into a catch that only logs
  try {
    unwrap(await supabase.from('sessions').update({ status: 'a' }).eq('id', id))
  } catch (problem) {
    console.log(problem)
  }

  // Trap (ignored-error): the helper takes the data only
  ids(await supabase.from('sessions').update({ status: 'b' }).eq('id', id).select('id'))

  // Trap (logged-error): the helper only logs
  const { error } = await supabase.from('sessions').update({ status: 'c' }).eq('id', id)
  if (error) report(error)

  // Trap (logged-error): the same with the whole result
  logged(await supabase.from('sessions').update({ status: 'd' }).eq('id', id))

  // Trap (swallowed-error): the catch gives it to a helper that only logs
  try {
    await supabase.from('sessions').update({ status: 'e' }).eq('id', id).throwOnError()
  } catch (problem) {
    report(problem)
  }
}
