create view public.noted as select note from public.orders;
