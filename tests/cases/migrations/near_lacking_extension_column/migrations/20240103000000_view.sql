create view public.placed as select place from public.docs;
