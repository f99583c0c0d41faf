-- Marks a pending request as accepted by the mechanic who is in its session already, so that the dashboard offers the
-- customer to nobody else. `accepted_at` stays null, because nobody knows it.
--
-- Never where the session has no mechanic or is over, where the request has a mechanic of its own, or where several
-- requests of the session are pending (cancel_duplicate_requests.sql comes first). Never changes a session.
--
-- Parameter: keys, the ids of the requests. Returns what status and mechanic were, so that `undo` can put
-- them back.
--
-- See what is left to do:
--   select r.id, s.mechanic_id from public.session_requests r
--   join public.sessions s on s.id::text = r.metadata ->> 'session_id'
--   where r.status = 'pending' and s.mechanic_id is not null and s.status in ('pending', 'waiting', 'live');

with taken as (
  select r.id, r.status, r.mechanic_id, m.id as taken_by
  from public.session_requests r
  join public.sessions s
    on s.id = case when r.metadata ->> 'session_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
              then (r.metadata ->> 'session_id')::uuid end
  join public.mechanics m on m.id = s.mechanic_id
  where r.id = any (%(keys)s::uuid[])
    and r.status = 'pending'
    and r.mechanic_id is null
    and s.status in ('pending', 'waiting', 'live')
    and not exists (
      select
      from public.session_requests o
      where o.metadata ->> 'session_id' = r.metadata ->> 'session_id'
        and o.status = 'pending'
        and o.id <> r.id
    )
  for no key update of r
)
update public.session_requests r
set status = 'accepted',
    mechanic_id = taken.taken_by
from taken
where r.id = taken.id
returning r.id, r.id as key, taken.status as status_was, taken.mechanic_id as mechanic_id_was;
