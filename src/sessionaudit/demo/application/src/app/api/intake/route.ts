import { NextResponse } from 'next/server'
import { saveIntake } from '@/lib/sessions/intakes'
import { createSession } from '@/lib/sessions/create'
import { createSupabase } from '@/lib/supabase/server'

export async function POST(request: Request) {
  const supabase = await createSupabase()
  const { data: { user } } = await supabase.auth.getUser()
  if (!user) return NextResponse.json({ error: 'not logged in' }, { status: 401 })

  const body = await request.json()
  const intakeId = await saveIntake(body)
  const session = await createSession({
    plan: body.plan,
    type: body.plan === 'free' ? 'chat' : 'video',
    intakeId,
    customerId: user.id,
    stripeSessionId: `${body.plan}_${intakeId}`,
    urgent: Boolean(body.urgent),
  })
  return NextResponse.json({ sessionId: session.id })
}
