drop view public.of_g;
alter table public.g alter column note type varchar(20);
create view public.of_g as select note from public.g;
