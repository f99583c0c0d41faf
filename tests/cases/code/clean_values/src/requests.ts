import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

const ACTIVE = ['pending', 'accepted'] as const
const ID = '62e91166-c36b-4bd5-bc51-5b168f1bd176'

await supabase.from('requests').select('id').in('status', ACTIVE).gt('created_at', '2024-01-01')
await supabase.from('requests').select('id').eq('id', ID).is('open', true).neq('minutes', 5)
await supabase.from('requests').select('id').or('status.eq.pending,minutes.gt.3').not('status', 'in', '("accepted","cancelled")')
await supabase.from('requests').select('id').contains('tags', ['a']).contains('metadata', { a: 1 }).ilike('kind', '%x%')
await supabase.from('requests').update({ status: 'accepted', minutes: 3, tags: ['x'] }).eq('id', ID).throwOnError()
