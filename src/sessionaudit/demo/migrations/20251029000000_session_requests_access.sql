-- Mechanics accept requests through the server, which has its own login for
-- them, and finds the request of a session by its link.

drop policy if exists "Mechanics can accept requests" on public.session_requests;
create policy "Allow service role full access" on public.session_requests
  for all to service_role
  using (true)
  with check (true);

revoke all on public.session_requests from anon, authenticated, service_role;
grant select, insert, update on public.session_requests to authenticated;
grant select, insert, update, delete on public.session_requests to service_role;

create index if not exists session_requests_session_id_idx on public.session_requests ((metadata ->> 'session_id'));
