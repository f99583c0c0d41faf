-- The private server lacks an extension: nothing is known of what its functions make, nor of what stands on that.
create table public.orders (
  id uuid primary key,
  state text not null
);
alter table public.orders add column note text;
