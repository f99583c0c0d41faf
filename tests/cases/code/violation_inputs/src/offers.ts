import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

const ID = '62e91166-c36b-4bd5-bc51-5b168f1bd176'

// Trap (impossible-value, impossible-value): too large for the length, and for the type
await supabase.from('offers').insert({ price: 1000 }).throwOnError()
await supabase.from('offers').update({ minutes: 40000 }).eq('id', ID).throwOnError()

// Trap (impossible-value, impossible-value): a number that is too long as a text, and bits that are too few
await supabase.from('offers').insert({ code: 12345 }).throwOnError()
await supabase.from('offers').insert({ flags: '10' }).throwOnError()

// Trap (refused-by-check, refused-by-check): a domain, and one that stands on it
await supabase.from('offers').insert({ rank: 6 }).throwOnError()
await supabase.from('offers').insert({ top: 3 }).throwOnError()

// Trap (refused-by-check, refused-by-check): of the domain below, and of one item in an array
await supabase.from('offers').insert({ top: 7 }).throwOnError()
await supabase.from('offers').insert({ ranks: [1, 9] }).throwOnError()

// Trap (refused-by-check): a check of a text
await supabase.from('offers').update({ handle: 'Ann' }).eq('id', ID).throwOnError()

// Trap (null-in-required-column): the domain does not permit it, whatever the column says
await supabase.from('offers').update({ handle: null }).eq('id', ID).throwOnError()

// Trap (impossible-value, impossible-value): a field of a row, too long and no number
await supabase.from('offers').insert({ place: { city: 'San Francisco' } }).throwOnError()
await supabase.from('offers').insert({ place: { city: 'Rome', floor: 'first' } }).throwOnError()

// Trap (refused-by-check, null-in-required-column): arguments of a function
await supabase.rpc('rate', { offer: ID, rank: 2 }).throwOnError()
await supabase.rpc('rate', { offer: ID, rank: 4, handle: null }).throwOnError()

// Trap (null-compared-as-text, null-compared-as-text): it asks for the word, and finds nothing
await supabase.from('offers').select('id').eq('note', null)
await supabase.from('offers').select('id').in('note', ['a', null])

// Trap (null-compared-as-text, null-compared-as-text, null-compared-as-text): in other spellings
await supabase.from('offers').select('id').match({ id: ID, note: null })
await supabase.from('offers').select('id').filter('metadata->>a', 'eq', null)
await supabase.from('offers').select('id').isDistinct('note', null)

// Trap (null-compared-as-text): rows without a value are left out by chance only
await supabase.from('offers').select('id').neq('note', null)

// Trap (impossible-value): of another type, the server refuses the word
await supabase.from('offers').select('id').neq('price', null)

// Trap (refused-aggregate, refused-aggregate): the database says that PostgREST refuses them
await supabase.from('offers').select('price.sum(), n:count()')

// Trap (wrong-operator, wrong-operator, wrong-operator): the operator is called as the code calls it
await supabase.from('offers').select('id').ilike('price', '1%')
await supabase.from('offers').select('id').or('rank.like.1*')
await supabase.from('offers').select('id').textSearch('minutes', 'ten')
