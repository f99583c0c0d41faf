import { NextResponse } from 'next/server'
import { supabaseAdmin } from '@/lib/supabase/admin'

export async function POST(request: Request) {
  const { requestId, mechanicId } = await request.json()

  const { data: accepted, error } = await supabaseAdmin
    .from('session_requests')
    .update({ status: 'accepted', mechanic_id: mechanicId, accepted_at: new Date().toISOString() })
    .eq('id', requestId)
    .eq('status', 'pending')
    .select('id, metadata')
    .maybeSingle()
  if (error) return NextResponse.json({ error: error.message }, { status: 500 })
  if (!accepted) return NextResponse.json({ error: 'somebody else was faster' }, { status: 409 })

  const { error: unassigned } = await supabaseAdmin
    .from('sessions')
    .update({ mechanic_id: mechanicId, status: 'waiting' })
    .eq('id', accepted.metadata.session_id)
  if (unassigned) return NextResponse.json({ error: unassigned.message }, { status: 500 })
  return NextResponse.json({ ok: true })
}
