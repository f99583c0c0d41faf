-- Leads requests that lost their link back to their session, by writing metadata ->> 'session_id' again.
--
-- A session is taken for a request's own when the customer, the type and the plan are the same and the request was made
-- within a minute after it, as the application does; and only when exactly one session is like that. Where none or
-- several are, the request is left for a person: look at the customer's sessions, and set the link or cancel it.
--
-- Never changes a link that is there, a session, or anything else of the request; never deletes. A trigger moves
-- updated_at.
--
-- Parameter: keys, the ids of the requests. Returns what metadata was, so that `undo` can put it back.
--
-- See what it did:
--   select id, customer_name, metadata from public.session_requests where metadata -> 'relinked' is not null;

with lost as (
  select r.id, r.metadata, r.customer_id, r.session_type, r.plan_code, r.created_at
  from public.session_requests r
  where r.id = any (%(keys)s::uuid[])
    and r.metadata ->> 'session_id' is null
  for no key update
),
fitting as (
  select l.id, min(s.id::text) as session_id, min(s.intake_id::text) as intake_id
  from lost l
  join public.sessions s
    on s.customer_user_id = l.customer_id
    and s.type = l.session_type
    and s.plan = l.plan_code
    and s.created_at <= l.created_at
    and l.created_at < s.created_at + interval '1 minute'
  group by l.id
  having count(*) = 1
)
update public.session_requests r
set metadata = l.metadata || jsonb_strip_nulls(jsonb_build_object(
  'session_id', f.session_id,
  'intake_id', coalesce(l.metadata ->> 'intake_id', f.intake_id),
  'relinked', jsonb_build_object(
    'id', coalesce(nullif(current_setting('sessionaudit.backfill_id', true), ''), pg_current_xact_id()::text),
    'at', now()
  )
))
from lost l
join fitting f on f.id = l.id
where r.id = l.id
returning r.id, r.id as key, l.metadata as metadata_was;
