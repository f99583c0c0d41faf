import { supabaseAdmin } from '@/lib/supabase/admin'

export interface Intake {
  plan: string
  name: string
  email: string
  phone?: string
  concern?: string
  urgent?: boolean
}

export async function saveIntake(intake: Intake): Promise<string> {
  const { data, error } = await supabaseAdmin
    .from('intakes')
    .insert({
      plan: intake.plan,
      name: intake.name,
      email: intake.email,
      phone: intake.phone,
      concern: intake.concern,
      urgent: intake.urgent,
      files: [],
    })
    .select('id')
    .single()
  if (error) throw new Error(`the intake was not saved: ${error.message}`)
  return data.id
}
