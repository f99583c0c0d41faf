alter table public.g alter column note type varchar(20);
