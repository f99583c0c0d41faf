-- Values of domains, lengths, rows and arrays that the server takes; aggregates where PostgREST permits them.
create domain public.rank as integer check (value between 1 and 5);
create domain public.high_rank as public.rank constraint high check (value > 3);
create domain public.handle as varchar(8) not null constraint handle_is_lower check (value = lower(value));
create type public.place as (city varchar(10), floor smallint);
create table public.offers (
  id uuid primary key default gen_random_uuid(),
  note text,
  metadata jsonb not null default '{}',
  price numeric(5, 2),
  minutes smallint,
  code char(4),
  flags bit(3),
  rank public.rank,
  top public.high_rank,
  ranks public.rank[],
  handle public.handle default 'nobody',
  place public.place
);
create function public.rate(offer uuid, rank public.high_rank, handle public.handle default 'nobody') returns void
  language sql as $$ select $$;
do $$ begin
  execute format('alter role authenticator in database %I set pgrst.db_aggregates_enabled = %L', current_database(), 'true');
end $$;
