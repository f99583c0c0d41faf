import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

import { createServerClient } from '@supabase/ssr'
import { db as database, getClient } from '@/lib/client'
import type { Database } from './types'

export async function clients(id: string, context: { supabase: any }) {
  // Trap (unknown-table): a wrapper that returns the client
  await getClient().from('user').select('id')

  // Trap (unknown-table): a client by another name, from another file
  await database.from('user').select('id')

  // Trap (unknown-table): a client with types, for a server
  const server = createServerClient<Database>(process.env.URL!, process.env.KEY!, { cookies: {} })
  await server.from('user').select('id')

  // Trap (unknown-table): a client that is a property
  await context.supabase.from('user').select('id')

  // Trap (unknown-table): a cast, and optional chaining
  await (database as any)?.from('user')?.select('id')

  // Trap (unknown-table): what listens to changes
  database
    .channel('posts')
    .on('postgres_changes', { event: '*', schema: 'public', table: 'post' }, () => undefined)
    .subscribe()
}
