-- Gives a session the mechanic who accepted its request, and moves it from pending to waiting, as accepting should have
-- done.
--
-- Only where exactly one mechanic accepted a request of the session. Never where the session has a mechanic or was
-- cancelled; never a second session under way to one mechanic (who could not be in both): end the other one first, then
-- run it again. Never changes a request.
--
-- Parameter: keys, the ids of the requests. Returns what the session's mechanic and status were, so that
-- `undo` can put them back.
--
-- See what is left to do, and who is in the way:
--   select r.id, r.mechanic_id, s.id, s.status from public.session_requests r
--   join public.sessions s on s.id::text = r.metadata ->> 'session_id'
--   where r.status = 'accepted' and s.mechanic_id is null;

with accepted as (
  select r.id, s.id as session_id, s.mechanic_id as mechanic_id_was, s.status as status_was, m.id as mechanic_id
  from public.session_requests r
  join public.sessions s
    on s.id = case when r.metadata ->> 'session_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
              then (r.metadata ->> 'session_id')::uuid end
  join public.mechanics m on m.id = r.mechanic_id
  where r.id = any (%(keys)s::uuid[])
    and r.status = 'accepted'
    and s.mechanic_id is null
    and s.status <> 'cancelled'
    and not exists (
      select
      from public.session_requests o
      where o.metadata ->> 'session_id' = r.metadata ->> 'session_id'
        and o.status = 'accepted'
        and o.id <> r.id
    )
    and (
      s.status = 'completed'
      or not exists (
        select
        from public.sessions other
        where other.mechanic_id = r.mechanic_id
          and other.status in ('pending', 'waiting', 'live')
      )
    )
  for no key update of s
)
update public.sessions s
set mechanic_id = accepted.mechanic_id,
    status = case when s.status = 'pending' then 'waiting' else s.status end
from accepted
where s.id = accepted.session_id
  and s.mechanic_id is null
returning s.id, accepted.id as key, accepted.mechanic_id_was, accepted.status_was;
