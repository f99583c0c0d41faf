import { createClient, type SupabaseClient } from '@supabase/supabase-js'

let client: SupabaseClient | null = null

export function getClient() {
  if (!client) client = createClient(process.env.URL!, process.env.KEY!)
  return client
}

export const db = createClient(process.env.URL!, process.env.KEY!)
