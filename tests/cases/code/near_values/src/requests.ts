import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

// Trap (none): a text is not an enum, whatever it says
await supabase.from('requests').select('id').eq('kind', 'unattended')

// Trap (none): PostgreSQL reads numbers, times and booleans out of texts
await supabase.from('requests').select('id').eq('minutes', '15').gte('created_at', 'yesterday').eq('open', 'yes')

// Trap (none): what is longer than the column may be compared with it
await supabase.from('requests').select('id').eq('code', 'longer than four')

// Trap (none): a cast makes a text of the enum, for what is read
await supabase.from('requests').select('id, status::text')

// Trap (none): blanks at the end are cut
await supabase.from('requests').insert({ code: 'four  ' }).throwOnError()
