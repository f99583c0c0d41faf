create table public.notifications (
  id bigint generated always as identity primary key,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  words text not null,
  seen_at timestamptz
);
alter table public.notifications enable row level security;
