create view public.others as select note from public.other;
