import { supabaseAdmin } from '@/lib/supabase/admin'
import { ACTIVE_SESSION, type SessionType } from '@/lib/statuses'
import { createRequest } from './request'

export interface NewSession {
  plan: string
  type: SessionType
  intakeId: string
  customerId: string
  stripeSessionId: string
  urgent: boolean
}

export async function createSession(wanted: NewSession) {
  const { data: active } = await supabaseAdmin
    .from('sessions')
    .select('id, status')
    .eq('customer_user_id', wanted.customerId)
    .in('status', ACTIVE_SESSION)
    .limit(1)
    .maybeSingle()
  if (active) return active

  const { data: session, error } = await supabaseAdmin
    .from('sessions')
    .insert({
      plan: wanted.plan,
      type: wanted.type,
      status: 'pending',
      stripe_session_id: wanted.stripeSessionId,
      intake_id: wanted.intakeId,
      customer_user_id: wanted.customerId,
      metadata: { intake_id: wanted.intakeId, source: 'intake', plan: wanted.plan, urgent: wanted.urgent },
    })
    .select('id, status')
    .single()
  if (error || !session) throw new Error(error?.message ?? 'no session')

  const { error: joined } = await supabaseAdmin
    .from('session_participants')
    .upsert(
      { session_id: session.id, user_id: wanted.customerId, role: 'customer' },
      { onConflict: 'session_id,user_id' },
    )
  if (joined) throw new Error(joined.message)

  await createRequest(session.id, wanted)
  return session
}
