do $$ begin perform 1 from public.tasks; end $$;
