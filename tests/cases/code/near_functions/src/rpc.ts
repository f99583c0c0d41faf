import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

// Trap (none): of three functions of this name, one takes both arguments
await supabase.rpc('price', { minutes: 15, plan: 'basic' }).throwOnError()

// Trap (none): undefined is not sent
await supabase.rpc('ping', { verbose: undefined }).throwOnError()

// Trap (none): by GET, the arguments stand in the query
await supabase.rpc('requests_of', { customer: '62e91166-c36b-4bd5-bc51-5b168f1bd176' }, { get: true }).throwOnError()

// Trap (none): a name that is not known
export async function any(name: string) {
  await supabase.rpc(name, { a: 1 }).throwOnError()
}

// Trap (none): what a type only permits, no call need have
export async function accept(given: { request_id: string; comment?: string }) {
  await supabase.rpc('accept_request', given).throwOnError()
}
