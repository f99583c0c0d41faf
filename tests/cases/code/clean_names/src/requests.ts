import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function read(id: string) {
  await supabase.from('session_requests').select('id, status, by:mechanic_id, metadata->>city').eq('id', id)
  await supabase.from('open_requests').select('id').order('status')
  return supabase.from('mechanics').select('full_name, session_requests(notes)').gt('rating', 4)
}

export async function write(id: string) {
  await supabase.from('session_requests').insert({ notes: 'x', metadata: {} }).throwOnError()
  await supabase.from('session_requests').update({ notes: null }).eq('id', id).throwOnError()
}
