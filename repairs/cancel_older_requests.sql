-- Cancels a customer's older requests when a newer session of theirs gets its request, as the application does: those
-- that are pending, that no mechanic has, and that were made before the session.
--
-- Never touches the session's own request, one that a mechanic has accepted, one that is newer than the session, or
-- another customer's. Deletes nothing. `backfill --keep-older` leaves it out.
--
-- Parameter: keys, the ids of the sessions that have just got their request. Runs after missing_session_request.sql, in
-- the same transaction. Returns what the status was, so that `undo` can put it back.
--
-- See what it would do for one customer:
--   select id, created_at, metadata ->> 'session_id' from public.session_requests
--   where customer_id = '...' and status = 'pending' and mechanic_id is null order by created_at;

with older as (
  select r.id, s.id as session_id, r.status
  from public.sessions s
  join public.session_requests r on r.customer_id = s.customer_user_id
  where s.id = any (%(keys)s::uuid[])
    and r.status = 'pending'
    and r.mechanic_id is null
    and r.created_at < s.created_at
    and r.metadata ->> 'session_id' is distinct from s.id::text
  for no key update of r
)
update public.session_requests r
set status = 'cancelled'
from older
where r.id = older.id
returning r.id, older.session_id as key, older.status as status_was;
