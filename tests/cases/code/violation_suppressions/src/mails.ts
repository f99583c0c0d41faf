import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function send(address: string) {
  // Trap (unused-suppression): there is nothing to suppress
  // sessionaudit: ignore[ignored-error] the mail is sent again
  await supabase.from('mails').insert({ address }).throwOnError()

  // Trap (ignored-error, unexplained-suppression): it says no reason, and does not suppress
  // sessionaudit: ignore[ignored-error]
  await supabase.from('mails').insert({ address })

  // Trap (ignored-error, unused-suppression): another rule
  // sessionaudit: ignore[logged-error] the mail is sent again
  await supabase.from('mails').insert({ address })

  // Trap (ignored-error, unused-suppression): no rule has this name
  // sessionaudit: ignore[ignored-eror] the mail is sent again
  await supabase.from('mails').insert({ address })

  // Trap (ignored-error): behind code, a comment is about its line, and not about the next one
  await supabase.from('mails').insert({ address }) // sessionaudit: ignore[ignored-error] the mail is sent again
  await supabase.from('mails').insert({ address })

  // Trap (ignored-error, unused-suppression): a line is between
  // sessionaudit: ignore[ignored-error] the mail is sent again

  await supabase.from('mails').insert({ address })
}
