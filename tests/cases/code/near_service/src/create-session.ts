import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function createRequest(session: string, plan: string) {
  // Trap (none): the one who calls gets the error
  return await supabase.from('session_requests').insert({ session_id: session, metadata: { plan } })
}

export async function createSession(plan: string) {
  const { data: session, error } = await supabase.from('sessions').insert({ plan }).select('id').single()
  if (error) throw error

  // Trap (none): a failure is put into the answer
  const { error: refused } = await createRequest(session.id, plan)
  return { session, waits: !refused }
}
