import { createServerClient } from '@supabase/ssr'
import { cookies } from 'next/headers'

// Acts as whoever is logged in.
export async function createSupabase() {
  const jar = await cookies()
  return createServerClient(process.env.NEXT_PUBLIC_SUPABASE_URL!, process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY!, {
    cookies: { getAll: () => jar.getAll(), setAll: () => {} },
  })
}
