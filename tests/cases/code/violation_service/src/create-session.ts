import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function createSession(plan: string) {
  const { data: session, error } = await supabase.from('sessions').insert({ plan }).select('id').single()
  if (error) throw error

  try {
    // Trap (silent-certain-failure, unknown-column): the request is never written, and nobody hears of it
    const { error: refused } = await supabase
      .from('session_requests')
      .insert({ session_id: session.id, metadata: { plan } })
    if (refused) throw refused
  } catch (problem) {
    console.error('could not create the request', problem)
  }

  // Trap (logged-error): a note, as a notification is on a best-effort basis
  const { error: unsent } = await supabase.from('notifications').insert({ body: plan })
  if (unsent) console.error(unsent)

  // Trap (ignored-error): a note, by a glob
  await supabase.from('access_log').insert({ line: plan })

  // Trap (ignored-error): a warning, as of any table
  await supabase.from('profiles').update({ name: 'x' }).eq('id', session.id)

  // Trap (ignored-error): an error, as the invariant stands on this table
  await supabase.from('session_requests').insert({ session_id: session.id })

  // Trap (ignored-error, impossible-value): in some runs only, so that it is not certain
  await supabase
    .from('session_requests')
    .update({ status: plan === 'free' ? 'unattended' : 'accepted' })
    .eq('session_id', session.id)

  // Trap (silent-certain-failure, unknown-column): on a best-effort basis, and certain to fail
  await supabase.from('access_log').insert({ message: plan })
  return session
}

export async function waiting() {
  // Trap (impossible-value): the enum lacks unattended, and the list of those who wait is empty
  const { data } = await supabase.from('session_requests').select('id').in('status', ['pending', 'unattended'])
  return data ?? []
}
