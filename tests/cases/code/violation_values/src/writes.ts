import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

const ID = '62e91166-c36b-4bd5-bc51-5b168f1bd176'

// Trap (impossible-value): in an update
await supabase.from('requests').update({ status: 'expired' }).eq('id', ID).throwOnError()

// Trap (impossible-value): in the second of two rows
await supabase.from('requests').insert([{ status: 'pending' }, { status: 'queued' }]).throwOnError()

// Trap (impossible-value): more characters than the column takes
await supabase.from('requests').insert({ code: '12345' }).throwOnError()

// Trap (impossible-value): a text where a number is
await supabase.from('requests').insert({ minutes: 'many' }).throwOnError()
