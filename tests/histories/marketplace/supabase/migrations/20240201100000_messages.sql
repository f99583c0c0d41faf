create table public.messages (
  id bigint generated always as identity primary key,
  listing_id uuid not null references public.listings (id) on delete cascade,
  sender_id uuid not null references public.profiles (id),
  body text not null,
  sent_at timestamptz not null default now()
);
create index messages_listing_idx on public.messages (listing_id, sent_at);
alter table public.messages enable row level security;
alter publication supabase_realtime add table public.messages;
