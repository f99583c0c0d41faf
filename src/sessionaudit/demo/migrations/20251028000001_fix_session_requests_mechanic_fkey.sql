-- Mechanics have ids of their own: mechanic_id is no account.

alter table public.session_requests drop constraint if exists session_requests_mechanic_id_fkey;
alter table public.session_requests add constraint session_requests_mechanic_id_fkey
  foreign key (mechanic_id) references public.mechanics (id) on delete set null;
