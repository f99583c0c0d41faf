create table public.categories (
  id bigint generated always as identity primary key,
  slug text not null unique,
  name text not null
);
insert into public.categories (slug, name) values ('books', 'Books'), ('bikes', 'Bikes');
alter table public.categories enable row level security;
create policy "Categories are public" on public.categories for select using (true);
