import { useEffect, useState } from 'react'
import { supabase } from '@/lib/supabase/browser'

export function useOpenRequests() {
  const [requests, setRequests] = useState<{ id: string }[]>([])

  useEffect(() => {
    const load = async () => setRequests((await (await fetch('/api/mechanic/requests')).json()).requests)
    load()
    const channel = supabase
      .channel('requests')
      .on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'session_requests' }, load)
      .subscribe()
    return () => { supabase.removeChannel(channel) }
  }, [])

  return requests
}
