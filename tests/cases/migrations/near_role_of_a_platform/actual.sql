-- Supabase lets its role do more than a role of its kind may do elsewhere: that is not rejected. What it may not do is.
create table public.a (id int primary key);
