import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

const ID = '62e91166-c36b-4bd5-bc51-5b168f1bd176'

// Trap (none): the ends of what each takes, and a fraction that is rounded
await supabase
  .from('offers')
  .insert({ price: 999.99, minutes: -32768, code: 'a', flags: '101', rank: 5, top: '4', handle: 'abcdefgh  ' })
  .throwOnError()
await supabase.from('offers').insert({ price: 1.23456, ranks: [1, null, 5], place: { city: 'Montevideo' } }).throwOnError()

// Trap (none): what is compared is not written, and a domain does not refuse it
await supabase.from('offers').select('id').eq('rank', 9).eq('handle', 'TOO LONG A HANDLE').gt('price', 123456.789)

// Trap (none): null of a domain that permits it, and a default for one that does not
await supabase.from('offers').insert({ rank: null, ranks: null }).throwOnError()
await supabase.rpc('rate', { offer: ID, rank: null }).throwOnError()

// Trap (none): whoever writes the word in quotes may mean it
await supabase.from('offers').select('id').eq('note', 'null').or('note.eq.null,note.is.null')

// Trap (none): the null of JSON is one
await supabase.from('offers').select('id').eq('metadata->a', null).is('metadata->>b', null)

// Trap (none): the database says that PostgREST permits aggregates
await supabase.from('offers').select('id, n:price.max()')
