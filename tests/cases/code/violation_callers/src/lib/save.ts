import { createClient } from '@supabase/supabase-js'

const supabase = createClient(process.env.URL!, process.env.KEY!)

export const lazy = (id: string) => supabase.from('requests').insert({ session_id: id })

export async function whole(id: string) {
  return await supabase.from('requests').insert({ session_id: id })
}

export async function parts(id: string) {
  const { data, error } = await supabase.from('requests').insert({ session_id: id })
  return { data, error }
}

export async function told(id: string) {
  const { error } = await supabase.from('requests').insert({ session_id: id })
  if (error) {
    console.error(error)
    return { ok: false }
  }
  return { ok: true }
}

export async function throwing(id: string) {
  const { error } = await supabase.from('requests').insert({ session_id: id })
  if (error) throw error
}

export const api = {
  async store(id: string) {
    return supabase.from('requests').insert({ session_id: id })
  },
}

export class Sessions {
  private db = supabase
  async remove(id: string) {
    await this.db.from('sessions').delete().eq('id', id).throwOnError()
  }
  static async drop(id: string) {
    return supabase.from('sessions').delete().eq('id', id)
  }
}

export default async (id: string) => supabase.from('sessions').update({ status: 'x' }).eq('id', id)
