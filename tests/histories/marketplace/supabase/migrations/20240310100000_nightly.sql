/* Run by the scheduler of the platform:
   */15 * * * *  select public.close_stale();
*/
create function public.close_stale() returns void language sql as
  $$ delete from public.orders where status = 'open' and created_at < now() - interval '30 days' $$;
