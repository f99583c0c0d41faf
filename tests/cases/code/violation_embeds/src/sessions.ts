import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

// Trap (ambiguous-relationship): the customer and the mechanic are profiles, both
await supabase.from('sessions').select('id, profiles(full_name)')

// Trap (ambiguous-relationship): from the other side
await supabase.from('profiles').select('full_name, sessions(id)')

// Trap (missing-relationship): the foreign key leads to a table of a schema that is not exposed
await supabase.from('sessions').select('id, users(email)')

// Trap (missing-relationship): no foreign key
await supabase.from('files').select('path, profiles(full_name)')

// Trap (missing-relationship): the key of the table between has neither foreign key
await supabase.from('sessions').select('id, tools(label)')

// Trap (missing-relationship): the hint is no foreign key, column or table
await supabase.from('sessions').select('id, profiles!owner_id(full_name)')

// Trap (malformed-query): a comma behind the last column
await supabase.from('sessions').select('id, status,')

// Trap (malformed-query): a parenthesis is not closed
await supabase.from('sessions').select('id, files(path')

// Trap (unknown-column): AS is no word of PostgREST
await supabase.from('sessions').select('id, status as state')

// Trap (malformed-query): no operator of PostgREST
await supabase.from('sessions').select('id').filter('status', 'equals', 'live')

// Trap (malformed-query): a list without parentheses
await supabase.from('sessions').select('id').not('status', 'in', 'live,done')

// Trap (malformed-query): a logical filter as in a URL
await supabase.from('sessions').select('id').or('status=eq.live,status=eq.done')

// Trap (malformed-query): the table of the filter is not embedded
await supabase.from('sessions').select('id').eq('files.path', 'x')

// Trap (malformed-query): the table of the order is not embedded
await supabase.from('sessions').select('id').order('path', { referencedTable: 'files' })

// Trap (malformed-query): rows are not ordered by what may be several
await supabase.from('sessions').select('id, files(path)').order('files(path)')
