-- The same rows in other words: PostgreSQL names the output of a sub-select, and qualifies its tables.
create schema auth;
create function auth.uid() returns uuid stable language sql as $$ select null::uuid $$;
create table mechanics (id uuid, user_id uuid);
create table session_requests (id uuid, customer_id uuid, mechanic_id uuid, status text, metadata jsonb);
create policy "sub-select" on session_requests for select using (customer_id = (select auth.uid() as whatever));
create policy call on session_requests for select using ((auth.uid() = customer_id));
create policy list on session_requests for select using (status = any (array['pending'::text, 'accepted'::text]));
create policy exists on session_requests for select using (
  exists (select 1 from public.mechanics where mechanics.id = session_requests.mechanic_id));
create policy alias on session_requests for select using (
  exists (select 1 from mechanics as m where (m.id = session_requests.mechanic_id) and (m.user_id = auth.uid())));
create policy "in" on session_requests for select using (mechanic_id in (select mechanics.id from mechanics));
create policy itself on session_requests for select using (
  id in (select r.id from session_requests as r where r.status = 'pending'::text));
create policy setting on session_requests for select using (current_setting('request.role'::text, true) = 'a'::text);
create policy json on session_requests for select using (cast(metadata ->> 'owner' as uuid) = auth.uid());
create policy both_ on session_requests using ((customer_id = auth.uid()) and (status = 'pending' or (status is null)));
create policy null_check on session_requests for select using (mechanic_id is null);
alter table session_requests enable row level security;
