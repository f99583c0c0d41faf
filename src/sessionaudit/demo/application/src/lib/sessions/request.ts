import { supabaseAdmin } from '@/lib/supabase/admin'
import type { NewSession } from './create'

// How a mechanic hears of a customer who waits.
export async function createRequest(sessionId: string, wanted: NewSession) {
  try {
    await supabaseAdmin
      .from('session_requests')
      .update({ status: 'cancelled' })
      .eq('customer_id', wanted.customerId)
      .eq('status', 'pending')
      .is('mechanic_id', null)

    const { data: profile } = await supabaseAdmin
      .from('profiles')
      .select('full_name, email')
      .eq('id', wanted.customerId)
      .maybeSingle()

    const request: Record<string, unknown> = {
      customer_id: wanted.customerId,
      session_type: wanted.type,
      plan_code: wanted.plan,
      status: 'pending',
      customer_name: profile?.full_name ?? 'Customer',
      customer_email: profile?.email ?? null,
    }
    request.metadata = { session_id: sessionId, intake_id: wanted.intakeId, urgent: wanted.urgent }

    const { error } = await supabaseAdmin.from('session_requests').insert(request)
    if (error) throw error
  } catch (error) {
    // The session is there; a request can be made later.
    console.error('createRequest', error)
  }
}
