import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

// Trap (omitted-required-column): the title has no default
await supabase.from('jobs').insert({ minutes: 15 }).throwOnError()

// Trap (omitted-required-column, omitted-required-column): two are left out
await supabase.from('steps').insert({}).throwOnError()

// Trap (omitted-required-column): the second row lacks it
await supabase.from('steps').insert([{ label: 'a', place: 1 }, { label: 'b' }]).throwOnError()

// Trap (omitted-required-column): an upsert is an insert, first
await supabase.from('steps').upsert({ id: 1, label: 'b' }).throwOnError()

// Trap (omitted-required-column): the payload stands above, and its column was deleted again
const draft: Record<string, unknown> = { label: 'a', place: 3 }
delete draft.place
await supabase.from('steps').insert(draft).throwOnError()

// Trap (null-in-required-column): null is not the default
await supabase.from('jobs').insert({ title: 'x', created_at: null }).throwOnError()

// Trap (null-in-required-column): in an update
await supabase.from('jobs').update({ title: null }).eq('id', 1).throwOnError()

// Trap (null-in-required-column): a row without the column gets null where another row has it
await supabase.from('jobs').insert([{ title: 'a', state: 'done' }, { title: 'b' }]).throwOnError()

// Trap (generated-column-written): a generated column
await supabase.from('jobs').update({ slug: 'x' }).eq('id', 1).throwOnError()

// Trap (generated-column-written): an identity that is always generated
await supabase.from('jobs').insert({ id: 5, title: 'x' }).throwOnError()

// Trap (refused-by-check): the check lists the values
await supabase.from('jobs').update({ state: 'expired' }).eq('id', 1).throwOnError()

// Trap (refused-by-check): a number outside its range
await supabase.from('jobs').insert({ title: 'x', minutes: 0 }).throwOnError()

// Trap (refused-by-check): in the second of two rows
await supabase.from('jobs').insert([{ title: 'a', minutes: 1 }, { title: 'b', minutes: 241 }]).throwOnError()
