import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function send(address: string) {
  // Trap (none): it speaks of sessionaudit, and suppresses nothing
  // see sessionaudit: ignore is for what is meant so
  await supabase.from('mails').insert({ address }).throwOnError()

  // Trap (none): a text is no comment
  console.log('// sessionaudit: ignore[unknown-table]')

  // Trap (none): the finding stands two lines below the beginning of its request
  // sessionaudit: ignore[unknown-column] the column comes with the next release
  await supabase
    .from('mails')
    .insert({ address, subject: 'x' })
    .throwOnError()
}
