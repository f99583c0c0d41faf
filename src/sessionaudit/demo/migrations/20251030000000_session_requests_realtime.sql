-- Dashboards learn of new requests through realtime.

do $$
begin
  alter publication supabase_realtime add table public.session_requests;
exception
  when duplicate_object then null;
end
$$;
