import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function seats(id: number) {
  await supabase.from('seats').upsert({ id, room: 'a', number: 1 }).throwOnError()
  await supabase.from('seats').upsert({ id, room: 'a', number: 1 }, { onConflict: 'room,number' }).throwOnError()
  await supabase.from('seats').select('id').eq('id', id).single()
  await supabase.from('seats').select('id').eq('guest', 'x').order('number').limit(1).maybeSingle()
  await supabase.from('seats').update({ guest: 'x' }).eq('id', id).throwOnError()
  await supabase.from('seats').delete().eq('id', id).throwOnError()
}
