import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

const ID = '62e91166-c36b-4bd5-bc51-5b168f1bd176'

const { error } = await supabase.rpc('accept_request', { request_id: ID })
if (error) throw error
await supabase.rpc('accept_request', { mechanic: null, request_id: ID }).throwOnError()
await supabase.rpc('ping').throwOnError()
await supabase.rpc('requests_of', { customer: ID }).select('id').eq('status', 'x').limit(1).throwOnError()
