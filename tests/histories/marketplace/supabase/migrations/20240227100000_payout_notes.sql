alter table public.payouts add column note text;
