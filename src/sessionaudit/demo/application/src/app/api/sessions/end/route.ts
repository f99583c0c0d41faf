import { NextResponse } from 'next/server'
import { supabaseAdmin } from '@/lib/supabase/admin'

export async function POST(request: Request) {
  const { sessionId, outcome } = await request.json()
  const status = outcome === 'done' ? 'completed' : 'cancelled'

  const { error } = await supabaseAdmin.from('sessions').update({ status }).eq('id', sessionId)
  if (error) return NextResponse.json({ error: error.message }, { status: 500 })

  const { error: left } = await supabaseAdmin
    .from('session_requests')
    .update({ status: 'cancelled' })
    .eq('metadata->>session_id', sessionId)
    .eq('status', 'pending')
  if (left) return NextResponse.json({ error: left.message }, { status: 500 })
  return NextResponse.json({ status })
}
