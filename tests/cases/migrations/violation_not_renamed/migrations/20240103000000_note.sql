alter table public.purchases rename column memo to note;
