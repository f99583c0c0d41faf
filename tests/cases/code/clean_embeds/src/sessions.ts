import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

await supabase.from('files').select('path, sessions(status)')
await supabase.from('sessions').select('id, files(path), tags(label), session_tools(tools(label))')
await supabase.from('sessions').select('id, customer:profiles!sessions_customer_fkey(full_name)')
await supabase.from('sessions').select('id, profiles!mechanic_id(full_name)')
await supabase.from('sessions').select('id, mechanic:mechanic_id(full_name), parent:parent_id(status)')
await supabase.from('files').select('path, ...sessions!inner(status)').eq('sessions.status', 'live')
await supabase.from('sessions').select('id, files(count)')
await supabase.from('sessions').select('id, files(path)').order('path', { referencedTable: 'files' })
await supabase.from('files').select('path, sessions(status)').order('sessions(status)')
