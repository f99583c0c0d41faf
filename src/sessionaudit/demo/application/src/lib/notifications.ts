import { supabaseAdmin } from '@/lib/supabase/admin'

export async function markNotified(requestIds: string[]) {
  const { error } = await supabaseAdmin
    .from('session_requests')
    .update({ notification_sent_at: new Date().toISOString() })
    .in('id', requestIds)
  if (error) throw error
}
