create table public.schema_migrations (version bigint primary key, dirty boolean not null);
insert into public.schema_migrations values (1, true);
