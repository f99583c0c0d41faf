-- Makes the request that a waiting session should have had, so that mechanics see the customer on their dashboard.
--
-- Asked for by session, never by customer: a customer's older request says nothing about this session. A session is
-- waiting when it is pending or waiting and has a customer with an account. Where a mechanic is with the session
-- already, the request comes back as accepted by that mechanic; otherwise it is pending. `accepted_at` stays null,
-- because nobody knows it.
--
-- Never changes a session, a request that exists, or any other row; never makes a second request for a session that one
-- points to. A request that lost its link points to nothing and does not count: look for such requests of the same
-- customer first, and set their metadata by hand.
--
-- Parameter: keys, the ids of the sessions. The setting sessionaudit.backfill_id, when it is there, names the batch in
-- the new rows; otherwise the transaction's number does. Two runs at once are kept apart by locking the sessions (for
-- no key update) in a statement before this one.
--
-- See what it did:
--   select id, created_at, status, customer_name, metadata from public.session_requests
--   where metadata -> 'backfill' is not null order by created_at desc;

insert into public.session_requests as made
  (customer_id, mechanic_id, session_type, plan_code, status, customer_name, customer_email, metadata)
select
  s.customer_user_id,
  m.id,
  s.type,
  s.plan,
  case when m.id is null then 'pending' else 'accepted' end::public.session_request_status,
  coalesce(nullif(btrim(p.full_name), ''), nullif(btrim(i.name), ''), 'Customer'),
  coalesce(nullif(btrim(p.email), ''), nullif(btrim(i.email), '')),
  jsonb_strip_nulls(jsonb_build_object(
    'session_id', s.id,
    'intake_id', coalesce(s.intake_id::text, s.metadata ->> 'intake_id'),
    'urgent', coalesce(nullif(s.metadata -> 'urgent', 'null'), to_jsonb(i.urgent)),
    'created_manually', true,
    'backfill', jsonb_build_object(
      'id', coalesce(nullif(current_setting('sessionaudit.backfill_id', true), ''), pg_current_xact_id()::text),
      'at', now()
    )
  ))
from public.sessions s
left join public.profiles p on p.id = s.customer_user_id
left join public.intakes i on i.id = s.intake_id
left join public.mechanics m on m.id = s.mechanic_id
where s.id = any (%(keys)s::uuid[])
  and s.status in ('pending', 'waiting')
  and s.customer_user_id is not null
  and not exists (
    select
    from public.session_requests r
    where r.metadata ->> 'session_id' = s.id::text
  )
returning made.id, (made.metadata ->> 'session_id')::uuid as key;
