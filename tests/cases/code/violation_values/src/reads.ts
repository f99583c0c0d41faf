import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

// Trap (impossible-value): the constant stands above the request, and the label in the constant
const ACTIVE = ['accepted', 'ready'] as const
await supabase.from('requests').select('id').in('status', ACTIVE)

// Trap (impossible-value): the enum has no such label, and not one row comes back
await supabase.from('requests').select('id').in('status', ['pending', 'unattended'])

// Trap (impossible-value): in the case of another language
await supabase.from('requests').select('id').eq('status', 'PENDING')

// Trap (impossible-value): in a logical filter
await supabase.from('requests').select('id').or('status.eq.waiting,minutes.gt.3')

// Trap (impossible-value): in a list that not() takes
await supabase.from('requests').select('id').not('status', 'in', '("pending","done")')

// Trap (impossible-value): one arm of a condition
await supabase.from('requests').select('id').eq('status', process.env.X ? 'accepted' : 'approved')

// Trap (impossible-value): no uuid
await supabase.from('requests').select('id').eq('id', 'new')

// Trap (impossible-value): eq() with null compares with the text null
await supabase.from('requests').select('id').eq('minutes', null)

// Trap (impossible-value): no number
await supabase.from('requests').select('id').gt('minutes', '15 min')

// Trap (impossible-value): no time
await supabase.from('requests').select('id').gt('created_at', 'last week')

// Trap (impossible-value): a text is no array: its braces are missing
await supabase.from('requests').select('id').contains('tags', 'urgent')

// Trap (wrong-operator): an enum has no pattern
await supabase.from('requests').select('id').ilike('status', '%pend%')

// Trap (wrong-operator): a uuid has none either
await supabase.from('requests').select('id').like('id', '62e9%')

// Trap (wrong-operator): a text is not true
await supabase.from('requests').select('id').is('kind', true)

// Trap (wrong-operator): a text contains no list
await supabase.from('requests').select('id').contains('kind', ['a'])

// Trap (wrong-operator): there is no such type
await supabase.from('requests').select('minutes::string')
