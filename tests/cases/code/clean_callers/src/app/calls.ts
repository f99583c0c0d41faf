import { createClient } from '@supabase/supabase-js'
import { lazy, whole as stored, parts, told, throwing, api, Sessions, setStatus, unwrap, notify } from '@/lib'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export async function page(id: string) {
  const { error } = await lazy(id)
  if (error) throw error
  const result = await stored(id)
  if (result.error) return result.error
  const { error: problem } = await parts(id)
  if (problem) notify(problem)
  if (!(await told(id)).ok) throw new Error('not saved')
  await throwing(id)
  await new Sessions().remove(id)
  unwrap(await api.store(id))
  unwrap(await supabase.from('sessions').update({ status: 'a' }).eq('id', id))
  const dropped = await Sessions.drop(id)
  if (dropped.error) return { ok: false }
  return await setStatus(id)
}
