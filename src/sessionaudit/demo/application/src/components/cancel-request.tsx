import { useState } from 'react'
import { supabase } from '@/lib/supabase/browser'

export function CancelRequest({ id }: { id: string }) {
  const [failed, setFailed] = useState('')

  async function cancel() {
    const { data, error } = await supabase
      .from('session_requests')
      .update({ status: 'cancelled' })
      .eq('id', id)
      .select('id')
    if (error || data.length === 0) setFailed(error?.message ?? 'It has been accepted already.')
  }

  return <button onClick={cancel} title={failed}>Cancel</button>
}
