import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function createSession(plan: string) {
  const { data: session, error } = await supabase.from('sessions').insert({ plan }).select('id').single()
  if (error) throw error
  const { error: refused } = await supabase
    .from('session_requests')
    .insert({ session_id: session.id, metadata: { plan } })
  if (refused) {
    await supabase.from('sessions').delete().eq('id', session.id)
    throw refused
  }
  return session
}

export async function waiting() {
  return supabase.from('session_requests').select('id').in('status', ['pending', 'accepted'])
}
