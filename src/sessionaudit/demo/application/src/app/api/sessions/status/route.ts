import { NextResponse } from 'next/server'
import { createSupabase } from '@/lib/supabase/server'

export async function GET(request: Request) {
  const id = new URL(request.url).searchParams.get('id')
  const supabase = await createSupabase()
  const { data, error } = await supabase.from('sessions').select('id, status, type').eq('id', id).maybeSingle()
  if (error) return NextResponse.json({ error: error.message }, { status: 500 })
  return NextResponse.json({ status: data?.status ?? 'unknown' })
}
