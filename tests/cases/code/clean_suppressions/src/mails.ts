import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function send(address: string) {
  // sessionaudit: ignore[ignored-error] the mail is sent again by the next run
  await supabase.from('mails').insert({ address })
  await supabase.from('mails').delete().eq('address', address) // sessionaudit: ignore[SC022] it is removed each night, too
  /* sessionaudit: ignore[unfiltered-write, ignored-error] the table is emptied on purpose */
  await supabase.from('mails').delete()
  // sessionaudit: ignore[single-of-many] an address has one mail
  await supabase.from('mails').select('id').eq('address', address).single()
  // sessionaudit: ignore[unfiltered-write] the table is emptied on purpose
  // sessionaudit: ignore[ignored-error] and is emptied again by the next run
  await supabase.from('mails').delete()
}
