-- Makes the customer of a session a participant of it, where the session has a customer with an account.
--
-- Never changes a participant that is there, whatever their role, nor any other row.
--
-- Parameter: keys, the ids of the sessions. The unique key over session and user keeps a second run, and the
-- application at the same moment, from making a second row.
--
-- See what it did:
--   select session_id, user_id, created_at from public.session_participants where metadata -> 'backfill' is not null;

insert into public.session_participants as made (session_id, user_id, role, metadata)
select
  s.id,
  s.customer_user_id,
  'customer',
  jsonb_build_object(
    'backfill', jsonb_build_object(
      'id', coalesce(nullif(current_setting('sessionaudit.backfill_id', true), ''), pg_current_xact_id()::text),
      'at', now()
    )
  )
from public.sessions s
where s.id = any (%(keys)s::uuid[])
  and s.customer_user_id is not null
  and not exists (
    select
    from public.session_participants p
    where p.session_id = s.id
      and p.user_id = s.customer_user_id
  )
on conflict (session_id, user_id) do nothing
returning made.id, made.session_id as key;
