import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function named(id: string) {
  // Trap (none): the error has another name
  const { error: failure } = await supabase.from('requests').insert({ session_id: id })
  if (failure) throw new Error(failure.message)
}

export async function later(id: string) {
  // Trap (none): the whole result has a name, and its error is read far below
  const result = await supabase.from('requests').insert({ session_id: id })
  const url = `/sessions/${id}`
  if (result.error) return { url: null, problem: result.error }
  return { url, problem: null }
}

export async function compensated(id: string) {
  const { error } = await supabase.from('requests').insert({ session_id: id })
  if (error) {
    // Trap (none): what undoes the session in the branch of a failure, which is answered
    await supabase.from('sessions').delete().eq('id', id)
    throw error
  }
}

export async function loggedAndThrown(id: string) {
  // Trap (none): it is logged, and thrown on
  const { error } = await supabase.from('sessions').update({ status: 'x' }).eq('id', id)
  if (error) {
    console.error(error)
    throw error
  }
}

export async function caught(id: string) {
  try {
    // Trap (none): the catch answers
    const { error } = await supabase.from('requests').insert({ session_id: id })
    if (error) throw error
  } catch (problem) {
    console.error(problem)
    return Response.json({ ok: false }, { status: 500 })
  }
  return Response.json({ ok: true })
}

export async function reads(id: string) {
  // Trap (none): what is only read is not lost
  const { data } = await supabase.from('sessions').select('id').eq('id', id)
  return data
}

export async function sentLater(id: string) {
  // Trap (none): the request is awaited below
  const query = supabase.from('requests').insert({ session_id: id })
  const { error } = await query
  return error
}

export async function some(id: string) {
  // Trap (none): any of the results may tell
  const results = await Promise.all([
    supabase.from('sessions').update({ status: 'x' }).eq('id', id),
    supabase.from('requests').delete().eq('session_id', id),
  ])
  const failed = results.find((one) => one.error)
  if (failed) throw failed.error
}
