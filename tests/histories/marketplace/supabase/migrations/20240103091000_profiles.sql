-- Everyone who signs up gets a profile.
create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  handle text unique,
  display_name text not null default '',
  created_at timestamptz not null default now()
);
alter table public.profiles enable row level security;
create policy "Profiles are public" on public.profiles for select using (true);
create policy "Owners edit" on public.profiles for update using (id = auth.uid());

create function public.make_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id) values (new.id);
  return new;
end
$$;
create trigger on_sign_up after insert on auth.users
  for each row execute function public.make_profile();
