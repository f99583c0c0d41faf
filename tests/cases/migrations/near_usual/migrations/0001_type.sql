do $$ begin
  if not exists (select from pg_catalog.pg_type where typname = 'mood' and typnamespace = 'public'::regnamespace) then
    create type public.mood as enum ('sad', 'ok');
  end if;
end $$;
