create index subs_status on public.subs (status);
