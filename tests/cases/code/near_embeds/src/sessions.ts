import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

// Trap (none): two keys lead to profiles, and the hint is the name of one
await supabase.from('sessions').select('a:profiles!sessions_customer_fkey(full_name), b:profiles!sessions_mechanic_fkey(full_name)')

// Trap (none): a table embeds itself by a column
await supabase.from('sessions').select('id, children:sessions!parent_id(id)')

// Trap (none): the table between has the key of both
await supabase.from('tags').select('label, sessions!session_tags(id)')

// Trap (none): the filter names the alias
await supabase.from('files').select('path, at:sessions(status)').eq('at.status', 'live')

// Trap (none): blanks and new lines are not sent
await supabase.from('sessions').select(`
  id,
  status,
  files ( path )
`)
