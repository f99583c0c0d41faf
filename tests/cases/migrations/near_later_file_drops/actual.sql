-- The column of the second file is gone, and the third file removes it: that is no fault.
create table public.orders (
  id bigint primary key,
  state text not null
);
