import { createClient } from '@supabase/supabase-js'
import type { Renamed } from './types'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function calls(given: Renamed, kind: 'accept' | 'refuse') {
  // Trap (unknown-function): the type of the argument names another parameter
  await supabase.rpc('accept_request', given).throwOnError()

  // Trap (unknown-function): of the names that the type permits, one is no function
  await supabase.rpc(`${kind}_request`, { request_id: '62e91166-c36b-4bd5-bc51-5b168f1bd176' }).throwOnError()
}
