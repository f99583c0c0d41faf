import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

// Trap (none): the file of a test is not read unless one asks for it
await supabase.from('session_request').select('idd')
