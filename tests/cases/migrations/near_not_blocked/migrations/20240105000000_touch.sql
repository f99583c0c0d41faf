update public.tasks set done = true;
