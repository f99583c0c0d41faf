import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function seats(id: number) {
  // Trap (conflict-without-unique-key): half of a key
  await supabase.from('seats').upsert({ id, room: 'a', number: 1 }, { onConflict: 'room' }).throwOnError()

  // Trap (conflict-without-unique-key): the index is partial
  await supabase.from('seats').upsert({ id, room: 'a', number: 1, guest: 'x' }, { onConflict: 'guest' }).throwOnError()

  // Trap (conflict-without-unique-key): the index is on an expression
  await supabase.from('seats').upsert({ id, room: 'a', number: 1, token: 'x' }, { onConflict: 'token' }).throwOnError()

  // Trap (unfiltered-write): all rows
  await supabase.from('seats').update({ guest: null }).throwOnError()

  // Trap (unfiltered-write): all rows, though they are counted
  await supabase.from('seats').delete({ count: 'exact' }).throwOnError()

  // Trap (single-of-many): a room has several seats
  await supabase.from('seats').select('id').eq('room', 'a').single()

  // Trap (single-of-many): the unique index does not hold for all rows
  await supabase.from('seats').select('id').eq('guest', 'x').maybeSingle()

  // Trap (single-of-many): an order takes away no row
  await supabase.from('seats').select('id').neq('id', id).order('number').maybeSingle()
}
