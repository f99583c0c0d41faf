import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function thrown(id: string) {
  const { error } = await supabase.from('requests').insert({ session_id: id })
  if (error) throw error
  await supabase.from('sessions').update({ status: 'x' }).eq('id', id).throwOnError()
}

export async function returned(id: string) {
  const { data, error } = await supabase.from('requests').insert({ session_id: id }).select('id').single()
  if (error || !data) {
    console.error('no request', error)
    return Response.json({ error: 'no request' }, { status: 500 })
  }
  return Response.json(data)
}

export async function passed(id: string) {
  return supabase.from('requests').insert({ session_id: id })
}

export async function collected(ids: string[]) {
  const failures: string[] = []
  for (const id of ids) {
    const { error } = await supabase.from('requests').delete().eq('id', id)
    if (error) failures.push(error.message)
  }
  return failures
}

export async function shown(id: string, setProblem: (text: string) => void) {
  const { error } = await supabase.rpc('accept', { request_id: id })
  if (error) setProblem(error.message)
}

export async function together(id: string) {
  const [first, second] = await Promise.all([
    supabase.from('sessions').update({ status: 'x' }).eq('id', id),
    supabase.from('requests').delete().eq('session_id', id),
  ])
  if (first.error) throw first.error
  if (second.error) throw second.error
}
