create view public.sales_report as
  select month, sum(amount) as amount from public.legacy_sales group by month;
