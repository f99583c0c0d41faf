create table public.listing_images (
  listing_id uuid not null references public.listings (id) on delete cascade,
  position smallint not null default 0,
  object_name text not null,
  primary key (listing_id, position)
);
alter table public.listing_images enable row level security;

insert into storage.buckets (id, name, public) values ('listings', 'listings', true);
create policy "Sellers upload" on storage.objects for insert to authenticated
  with check (bucket_id = 'listings' and (storage.foldername(name))[1] = auth.uid()::text);
