import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)
const supabaseAdmin = createClient(process.env.URL!, process.env.SERVICE!)
const visitor = createClient(process.env.URL!, process.env.PUBLIC!)

// Trap (missing-privilege-in-code): no privilege at all
await supabase.from('untouched').select('id')

// Trap (missing-privilege-in-code): the visitor may read, and not write
await visitor.from('plain').insert({ id: 1 }).throwOnError()

// Trap (missing-privilege-in-code): all columns are one too many
await supabase.from('orders').select('*')

// Trap (missing-privilege-in-code): a filter reads its column
await supabase.from('orders').select('id').eq('secret', 'x')

// Trap (missing-privilege-in-code): a function
await supabase.rpc('close_orders').throwOnError()

// Trap (missing-privilege-in-code): the service has no privileges of its own, either
await supabaseAdmin.from('plain').select('id')

// Trap (no-row-passes): there is a policy for select only, and an update changes nothing, without an error
await supabase.from('audit_log').update({ line: 'x' }).eq('id', 1).throwOnError()

// Trap (no-row-passes): an insert fails
await supabase.from('audit_log').insert({ id: 1, line: 'x' }).throwOnError()

// Trap (recursive-policy-in-code): the policy of profiles looks into profiles
await supabase.from('profiles').select('id')

// Trap (unseen-effect): whether the row was the user's own, nobody learns
await supabase.from('orders').update({ total: 2 }).eq('id', 1).throwOnError()

// Trap (unseen-effect): nor here
await supabase.from('orders').delete().eq('id', 1).throwOnError()
