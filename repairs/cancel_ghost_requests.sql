-- Cancels pending requests whose session is over, so that no mechanic accepts a customer who has gone.
--
-- Never touches an accepted request, a request whose session is still under way, or a session. Deletes nothing.
--
-- Parameter: keys, the ids of the requests. Returns what the status was, so that `undo` can put it back.
--
-- See what is left to do:
--   select r.id, s.status from public.session_requests r
--   join public.sessions s on s.id::text = r.metadata ->> 'session_id'
--   where r.status = 'pending' and s.status in ('completed', 'cancelled');

with ghosts as (
  select r.id, r.status
  from public.session_requests r
  where r.id = any (%(keys)s::uuid[])
    and r.status = 'pending'
    and exists (
      select
      from public.sessions s
      where s.id = case when r.metadata ->> 'session_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                   then (r.metadata ->> 'session_id')::uuid end
        and s.status in ('completed', 'cancelled')
    )
  for no key update
)
update public.session_requests r
set status = 'cancelled'
from ghosts
where r.id = ghosts.id
returning r.id, r.id as key, ghosts.status as status_was;
