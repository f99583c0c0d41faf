create type if not exists public.payout_status as enum ('due', 'sent');
create table public.payouts (
  id bigint generated always as identity primary key,
  seller_id uuid not null references public.profiles (id),
  amount numeric(10, 2) not null,
  status public.payout_status not null default 'due'
);
