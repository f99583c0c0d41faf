import { createClient } from '@supabase/supabase-js'
import { Status } from './status'

const supabase = createClient(process.env.URL!, process.env.KEY!)

// Trap (none): this label is one
await supabase.from('requests').select('id').eq('status', Status.Accepted)

// Trap (none): this one is not, and stands in the other file
await supabase.from('requests').select('id').eq('status', Status.Approved)
