-- Cancels a pending request when an older one of the same session is pending too: the customer pressed the button twice.
-- The oldest stays, so that the customer keeps their place.
--
-- Never touches an accepted request, nor the last pending one of a session. Deletes nothing.
--
-- Parameter: keys, the ids of the requests. Returns what the status was, so that `undo` can put it back.
--
-- See what is left to do:
--   select metadata ->> 'session_id', count(*) from public.session_requests
--   where status = 'pending' group by 1 having count(*) > 1;

with later as (
  select r.id, r.status
  from public.session_requests r
  where r.id = any (%(keys)s::uuid[])
    and r.status = 'pending'
    and exists (
      select
      from public.session_requests o
      where o.metadata ->> 'session_id' = r.metadata ->> 'session_id'
        and o.status = 'pending'
        and (o.created_at, o.id) < (r.created_at, r.id)
    )
  for no key update
)
update public.session_requests r
set status = 'cancelled'
from later
where r.id = later.id
returning r.id, r.id as key, later.status as status_was;
