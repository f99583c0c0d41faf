-- Runs every ten minutes:
--   */10 * * * *
create table public.b (id bigint primary key, schedule text default '*/10 * * * *', /* '*/ note text);
