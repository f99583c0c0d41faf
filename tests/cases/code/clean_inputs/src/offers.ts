import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

const ID = '62e91166-c36b-4bd5-bc51-5b168f1bd176'

await supabase
  .from('offers')
  .insert({ note: 'x', price: 1.5, minutes: 15, code: 'abcd', rank: 3, ranks: [1, 2], handle: 'ann', place: { city: 'Rome', floor: 2 } })
  .throwOnError()

await supabase.rpc('rate', { offer: ID, rank: 4 }).throwOnError()

await supabase.from('offers').select('rank, price.sum(), count()').is('note', null).not('price', 'is', null)
