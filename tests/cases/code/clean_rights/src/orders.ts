import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)
const supabaseAdmin = createClient(process.env.URL!, process.env.SERVICE!)
const visitor = createClient(process.env.URL!, process.env.PUBLIC!)

await supabase.from('orders').select('id, owner, total').eq('id', 1)
await supabase.from('orders').update({ total: 1 }).eq('id', 1).select('id').throwOnError()
await supabase.from('audit_log').select('line')
await visitor.from('plain').select('label')
await supabaseAdmin.from('audit_log').insert({ id: 1, line: 'x' }).throwOnError()
await supabaseAdmin.from('profiles').update({ role: 'admin' }).eq('id', '62e91166-c36b-4bd5-bc51-5b168f1bd176').throwOnError()
