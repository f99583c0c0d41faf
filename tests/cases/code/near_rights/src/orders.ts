import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)
const supabaseAdmin = createClient(process.env.URL!, process.env.SERVICE!)
const visitor = createClient(process.env.URL!, process.env.PUBLIC!)

// Trap (none): the service passes by row security, so that it needs no policy
await supabaseAdmin.from('audit_log').delete().eq('id', 1).throwOnError()

// Trap (none): and policies that refer to their own table do not recurse for it
await supabaseAdmin.from('profiles').select('id')

// Trap (none): the columns that are read may be read
await supabase.from('orders').select('total').order('owner')

// Trap (none): the number of rows that were changed is an answer, too
const { count, error } = await supabase.from('orders').delete({ count: 'exact' }).eq('id', 1)
if (error || !count) throw new Error('nothing was deleted')
