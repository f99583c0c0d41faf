import { supabaseAdmin } from '@/lib/supabase/admin'

// What support looks at: the session with everything that hangs on it.
export async function storyOf(sessionId: string) {
  const { data: session, error } = await supabaseAdmin
    .from('sessions')
    .select('id, status, created_at, intakes(name, concern, urgent), session_participants(user_id, role)')
    .eq('id', sessionId)
    .single()
  if (error) throw error

  const { data: requests, error: unread } = await supabaseAdmin
    .from('session_requests')
    .select('id, status, accepted_at, mechanics(name)')
    .eq('metadata->>session_id', sessionId)
    .order('created_at', { ascending: false })
  if (unread) throw unread
  return { session, requests }
}
