import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function read(bucket: string, key: string) {
  // Trap (none): photo is the alias, and full_name the column
  await supabase.from('mechanics').select('photo:full_name').order('rating')

  // Trap (none): a key of JSON may be missing, and no statement fails for it
  await supabase.from('session_requests').select('metadata->>nowhere').eq('metadata->a->>b', 'x')

  // Trap (none): a bucket of files is no table
  await supabase.storage.from(bucket).download(key)
  await supabase.storage.from('photos').list('public')

  // Trap (none): neither is what an array, a buffer or an observable is made from
  Array.from('session_request')
  Buffer.from('session_request', 'utf8')

  // Trap (none): an alias may have the name of a table that is not there
  return supabase.from('session_requests').select('requester:mechanics(full_name)').eq('requester.full_name', 'x')
}
