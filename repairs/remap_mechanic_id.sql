-- Turns the ids of accounts in session_requests.mechanic_id into ids of mechanics, by way of mechanics.user_id. An id
-- that leads to no mechanic becomes null; one that several mechanics share is left as it is, for a person to decide.
--
-- Never touches a mechanic_id that a mechanic has, nor the rest of the request: it stays accepted, with its time. Only
-- the trigger moves updated_at.
--
-- Runs while session_requests_mechanic_id_fkey points to mechanics and is not validated yet, or is not there: as long
-- as it points to auth.users it refuses the mechanics' ids, and nothing changes.
--
-- Parameter: keys, the ids of the requests. Returns what each mechanic_id was and what it is now; for those that became
-- null this is the last place where the old id stands.
--
-- See what is left to do:
--   select r.id, r.mechanic_id from public.session_requests r
--   left join public.mechanics m on m.id = r.mechanic_id
--   where r.mechanic_id is not null and m.id is null;

with wrong as (
  select r.id, r.mechanic_id as account
  from public.session_requests r
  where r.id = any (%(keys)s::uuid[])
    and r.mechanic_id is not null
    and not exists (select from public.mechanics m where m.id = r.mechanic_id)
    and (select count(*) from public.mechanics m where m.user_id = r.mechanic_id) <= 1
  for no key update
)
update public.session_requests r
set mechanic_id = (select m.id from public.mechanics m where m.user_id = wrong.account)
from wrong
where r.id = wrong.id
returning r.id, wrong.account as mechanic_id_was, r.mechanic_id;
