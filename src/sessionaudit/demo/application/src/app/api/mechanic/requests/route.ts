import { NextResponse } from 'next/server'
import { OPEN_REQUEST } from '@/lib/statuses'
import { supabaseAdmin } from '@/lib/supabase/admin'

export async function GET() {
  const { data, error } = await supabaseAdmin
    .from('session_requests')
    .select('id, created_at, session_type, plan_code, customer_name, metadata')
    .in('status', OPEN_REQUEST)
    .is('mechanic_id', null)
    .order('created_at', { ascending: true })
  // An empty dashboard looks like a quiet day.
  if (error) console.warn('open requests', error.message)
  return NextResponse.json({ requests: data ?? [] })
}
