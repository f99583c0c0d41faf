import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function seats(id: number, all: boolean) {
  // Trap (none): the order of the columns does not matter
  await supabase.from('seats').upsert({ id, room: 'a', number: 1 }, { onConflict: 'number, room' }).throwOnError()

  // Trap (none): by both columns of the key, one of them in match()
  await supabase.from('seats').select('id').match({ room: 'a' }).eq('number', 1).maybeSingle()

  // Trap (none): the index holds for a part of the rows, which another filter may be about
  await supabase.from('seats').select('id').eq('guest', 'x').is('token', null).maybeSingle()

  // Trap (none): so may one that compares with a value
  await supabase.from('seats').select('id').eq('guest', 'x').eq('room', 'a').maybeSingle()

  // Trap (none): the filter is added later
  let query = supabase.from('seats').update({ guest: null })
  query = query.eq('room', 'a')
  await query.throwOnError()

  // Trap (none): what was just inserted is a single row
  await supabase.from('seats').insert({ id, room: 'a', number: 2 }).select('id').single().throwOnError()

  // Trap (none): a filter in or() is one
  await supabase.from('seats').delete().or('guest.is.null,token.is.null').throwOnError()

  // Trap (none): an upsert without onConflict goes by the primary key
  await supabase.from('seats').upsert([{ id, room: 'b', number: 1 }], { ignoreDuplicates: true }).throwOnError()
}
