import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function write(title: string) {
  await supabase.from('jobs').insert({ title, minutes: 15 }).throwOnError()
  await supabase.from('jobs').insert([{ title, state: 'open' }, { title: 'x', state: 'done' }]).throwOnError()
  await supabase.from('jobs').update({ state: 'done', minutes: null }).eq('id', 1).throwOnError()
  await supabase.from('steps').insert({ id: 7, label: 'a', place: 1 }).throwOnError()
}
