alter table public.messages rename column body to words;
