create table public.g (id bigint primary key, note text);
create view public.of_g as select note from public.g;
