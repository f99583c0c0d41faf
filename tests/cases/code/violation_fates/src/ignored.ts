import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function ignored(id: string) {
  // Trap (ignored-error): a bare await
  await supabase.from('requests').insert({ session_id: id })

  // Trap (ignored-error): only the data is taken
  const { data } = await supabase.from('requests').insert({ session_id: id }).select('id')

  // Trap (ignored-error): error is taken, and not read
  const { error } = await supabase.from('sessions').update({ status: 'x' }).eq('id', id)

  // Trap (ignored-error): void
  void supabase.from('requests').delete().eq('id', id).then()

  // Trap (ignored-error): supabase-js does not throw, so that this catches nothing
  try {
    await supabase.rpc('accept', { request_id: id })
  } catch (problem) {
    throw problem
  }

  // Trap (ignored-error): of two, the first is looked at
  const [first] = await Promise.all([
    supabase.from('sessions').update({ status: 'y' }).eq('id', id),
    supabase.from('requests').delete().eq('session_id', id),
  ])
  if (first.error) throw first.error

  // Trap (ignored-error, ignored-error): neither is
  await Promise.all([
    supabase.from('sessions').update({ status: 'z' }).eq('id', id),
    supabase.from('requests').delete().eq('session_id', id),
  ])

  // Trap (ignored-error): the first of them only reads, and the second writes
  await Promise.all([
    supabase.from('sessions').select('id'),
    supabase.from('requests').delete().eq('session_id', id),
  ])

  // Trap (ignored-error): then() takes the data only
  await supabase.from('requests').insert({ session_id: id }).select('id').then(({ data: rows }) => rows)
  return data
}
