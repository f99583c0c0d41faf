-- How the system broke: the findings of the audit of October 2025, and later
-- findings in such databases.
--
-- Run after data.sql. PostgreSQL reports no error for any of this; that is the
-- problem.

set role app_owner;

-- 1. A column is missing ------------------------------------------------------
-- The table was made in a SQL editor, without session_requests.metadata, and
-- the migration's CREATE TABLE IF NOT EXISTS added nothing to it. The
-- application writes this column with every request, PostgREST answers
-- PGRST204, and a try/catch ignores the answer. The index on the link from
-- request to session is dropped with the column.

alter table public.session_requests drop column metadata;

-- 2. The enum drifted ---------------------------------------------------------
-- The code used the status 'unattended', which the type did not have. Somebody
-- added it to the type instead of removing it from the code. No row has it.

alter type public.session_request_status add value 'unattended' after 'pending';

-- 3. Sessions without a request -----------------------------------------------
-- Three customers wait, and no mechanic can see them.
--   Maria: the session of the audit, pending since October.
--   Tom:   pending; he has a request, but it is that of an older session. A
--          query by customer instead of by session finds that one.
--   Lena:  waiting, with a mechanic: her request must be recreated as accepted.

delete from public.session_requests
where id in (
  'b96f458d-9f7b-4a27-941c-f7be2cb9b8d7',
  '856425cb-0e35-4a8c-918d-c277326bb9b0',
  '2b044313-6952-4bcf-9d47-f06d7ca52848'
);

-- 4. A foreign key to the wrong table -----------------------------------------
-- mechanic_id was first a reference to auth.users, and the rows hold the ids
-- with which mechanics log in. All but one lead to a mechanic: Carlos has no
-- account, so the dispatcher accepted in his place.

alter table public.session_requests drop constraint session_requests_mechanic_id_fkey;

update public.session_requests r
set mechanic_id = coalesce(m.user_id, '15d68d73-ba0f-47e5-b032-f72d1ceb9d75')
from public.mechanics m
where m.id = r.mechanic_id;

alter table public.session_requests
  add constraint session_requests_mechanic_id_fkey
  foreign key (mechanic_id) references auth.users (id) on delete set null;

-- 5. Who may do what ----------------------------------------------------------
-- The policy for the server was dropped, and the old one that uses auth.uid()
-- is back. Mechanics have their own login, so this policy permits no one; if it
-- did, the id of an account would be written. The table was recreated after the
-- platform had stopped granting privileges automatically, and its grants were
-- made by hand: the server may only read, and the table is missing from
-- realtime.

drop policy "Allow service role full access" on public.session_requests;

create policy "Mechanics can accept requests" on public.session_requests
  for update to authenticated
  using (
    status = 'pending'
    and exists (select 1 from public.profiles p where p.id = (select auth.uid()) and p.role = 'mechanic')
  )
  with check (mechanic_id = (select auth.uid()));

revoke insert, update, delete on public.session_requests from service_role;

alter publication supabase_realtime drop table public.session_requests;

-- 6. Rows that disagree -------------------------------------------------------
-- The link from request to session was lost with the metadata. Only the
-- customer and the time still identify a request.

-- Accepted, but the session has no mechanic: Sam's session is live with no one.
-- The link was null, so accepting the request did not update the session.
update public.sessions set mechanic_id = null
where id = '70969231-7295-4242-8744-7974f176be6c';

-- A ghost: Ivan's session was cancelled, but his request is still on the
-- dashboard.
update public.session_requests set status = 'pending'
where id = 'a603c437-ee37-4067-b562-c1ca95d79b96';

-- Stale: Aisha has been waiting since the 20th of October. Her session has a
-- request, but the request has lost its link.
insert into public.sessions
  (id, created_at, updated_at, plan, type, status, stripe_session_id, customer_user_id, metadata)
values
  ('42a82365-0692-426f-b63a-c76103d4cbaf', '2025-10-20 21:15:02+00', '2025-10-20 21:15:02+00', 'free', 'chat', 'pending',
   'free_42a82365', '29aa9a1d-8fcf-4b6a-9f89-bd1d4942b0d6', '{"source": "intake", "plan": "free"}');

insert into public.session_participants (created_at, session_id, user_id, role)
values
  ('2025-10-20 21:15:02+00', '42a82365-0692-426f-b63a-c76103d4cbaf', '29aa9a1d-8fcf-4b6a-9f89-bd1d4942b0d6', 'customer');

insert into public.session_requests
  (id, created_at, updated_at, customer_id, session_type, plan_code, status, customer_name)
values
  ('3abed224-d019-416a-84a2-4022cf361d70', '2025-10-20 21:15:03+00', '2025-10-20 21:15:03+00',
   '29aa9a1d-8fcf-4b6a-9f89-bd1d4942b0d6', 'chat', 'free', 'pending', 'Customer');

-- Dangling: Joe accepted Noor's request, whose session was deleted. She has no
-- session at all.
insert into public.session_requests
  (id, created_at, updated_at, customer_id, mechanic_id, session_type, plan_code, status,
   customer_name, customer_email, accepted_at)
values
  ('dda74fd0-cf0c-4f94-b9fc-6f629a3be75d', '2025-10-22 08:21:40+00', '2025-10-22 08:25:11+00',
   '7e62ae95-e81e-4d81-acb3-f8394b5f7a6f', '929b4674-21f0-415c-b72e-93cfac3d86b9', 'chat', 'free', 'accepted',
   'Noor Haddad', 'noor.haddad@example.com', '2025-10-22 08:25:11+00');

-- No participant: the try/catch that lost Tom's request lost this row too.
delete from public.session_participants
where session_id = '47dd50a9-9898-4f40-b198-908c234b8f93'
  and role = 'customer';

-- Two pending requests for one session: Grace pressed the button twice. Carlos
-- is with her, but the dashboard still shows her twice.
insert into public.sessions
  (id, created_at, updated_at, plan, type, status, stripe_session_id, intake_id, customer_user_id, mechanic_id, metadata)
values
  ('9dbc7e25-3ebd-410a-8dc4-ee2e8974130a', '2025-10-26 22:40:10+00', '2025-10-26 22:47:31+00', 'chat10', 'chat', 'live',
   'cs_test_a1Ry6Gu9', '2ab40597-ed5c-4adc-8add-8819a72764ee', '62793975-3fcd-478c-84f7-3e1ed9348da8',
   '5dab05d5-0df9-40d6-ba0b-3a7b097fa02b',
   '{"intake_id": "2ab40597-ed5c-4adc-8add-8819a72764ee", "source": "checkout", "plan": "chat10"}');

insert into public.session_participants (created_at, session_id, user_id, role)
values
  ('2025-10-26 22:40:10+00', '9dbc7e25-3ebd-410a-8dc4-ee2e8974130a', '62793975-3fcd-478c-84f7-3e1ed9348da8', 'customer');

insert into public.session_requests
  (id, created_at, updated_at, customer_id, session_type, plan_code, status, customer_name, customer_email)
values
  ('7177a572-4e3b-4f64-a754-1a5a300a4ac4', '2025-10-26 22:40:11+00', '2025-10-26 22:40:11+00',
   '62793975-3fcd-478c-84f7-3e1ed9348da8', 'chat', 'chat10', 'pending', 'Grace Kim', 'grace.kim@example.com'),
  ('bb768f0d-ebd9-4fa3-b1f6-d44390eefddc', '2025-10-26 22:40:14+00', '2025-10-26 22:40:14+00',
   '62793975-3fcd-478c-84f7-3e1ed9348da8', 'chat', 'chat10', 'pending', 'Grace Kim', 'grace.kim@example.com');

-- 7. Small things, found on the way -----------------------------------------------

-- Disabled for an import, and never enabled again: updated_at is not
-- maintained.
alter table public.sessions disable trigger trg_sessions_updated;

-- Recreated after an import without checking the existing rows.
alter table public.sessions drop constraint sessions_status_check;
alter table public.sessions
  add constraint sessions_status_check
  check (status in ('pending', 'waiting', 'live', 'completed', 'cancelled')) not valid;

-- Every new request claims that mechanics have been notified, so they are not.
alter table public.session_requests alter column notification_sent_at set default now();

-- A column from a branch that was never merged: code that does not know it
-- cannot add participants.
alter table public.session_participants add column display_name text not null default '';
alter table public.session_participants alter column display_name drop default;

reset role;
