import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

const ID = '62e91166-c36b-4bd5-bc51-5b168f1bd176'

// Trap (unknown-function): misspelt
await supabase.rpc('acept_request', { request_id: ID }).throwOnError()

// Trap (unknown-function): the argument has another name
await supabase.rpc('accept_request', { id: ID }).throwOnError()

// Trap (unknown-function): an argument is missing that has no default
await supabase.rpc('accept_request', { mechanic: ID }).throwOnError()

// Trap (unknown-function): one argument too many
await supabase.rpc('ping', { verbose: true }).throwOnError()

// Trap (ambiguous-function): two functions differ in types only, which PostgREST does not look at
await supabase.rpc('price', { minutes: 15 }).throwOnError()

// Trap (impossible-value): the argument is no uuid
await supabase.rpc('accept_request', { request_id: 'first' }).throwOnError()

// Trap (unknown-column): of the rows that it returns
await supabase.rpc('requests_of', { customer: ID }).select('id, state').throwOnError()
