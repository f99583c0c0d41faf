alter table public.e add column more text;
