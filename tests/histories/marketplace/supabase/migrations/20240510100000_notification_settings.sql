create table public.notification_settings (
  profile_id uuid primary key references public.profiles (id) on delete cascade,
  by_mail boolean not null default true
);
alter table public.notification_settings enable row level security;
