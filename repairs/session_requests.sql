-- Repair of the database session_requests according to expected_schema.yaml, made by sessionaudit repair.
--
-- Steps: 13; held back: 0; without a cure: 0.
-- Each step is skipped if it is no longer needed, so the script can be run again at any time. It fails if a lock
-- is not free within 1s: run it again then.
-- Runs in one transaction: psql -1 -v ON_ERROR_STOP=1 -f FILE, a web SQL editor, or a migration. Locks are held
-- until it ends, and building an index blocks writes to its table.

do $repair$
begin
  set local lock_timeout = '1s';
  set local statement_timeout = '15min';
end
$repair$;

-- 1. Recreate the enum public.session_request_status without 'unattended', and convert its columns
-- Why: The enum public.session_request_status has 'unattended', which the contract does not name: code may read
-- a value it does not handle. It alters the function public.touch_session_requests_updated_at(): sessions that
-- have compiled it compile it again.
-- Lock: AccessExclusiveLock on public.session_requests, which blocks reads and writes.
-- Hazards: rewrite (rewrites or scans a table, blocking reads and writes).
do $repair$
begin
  set local search_path = '';
  if exists (select from pg_catalog.pg_type t where t.oid = (select y.oid from pg_catalog.pg_type y join pg_catalog.pg_namespace s on s.oid = y.typnamespace where s.nspname = 'public' and y.typname = 'session_request_status') and t.typtype = 'e' and array(select e.enumlabel::text from pg_catalog.pg_enum e where e.enumtypid = t.oid order by e.enumsortorder) = array['pending', 'accepted', 'cancelled']::text[]) then
    return;
  end if;
  set local search_path = public;
  if exists (select r.id::text as key, 'public.session_requests.status' as place, r.status::text as value from public.session_requests r where r.status::text in ('unattended')) then
    raise warning 'enum public.session_request_status: rows hold a value that is removed. Name a replacement: in the contract, session_request_status: {values: [...], replace: {unattended: ...}}; or for this run only, --replace session_request_status.unattended=...';
    return;
  end if;
  if exists (select null as key, 'function ' || p.oid::pg_catalog.regprocedure::text as place, v.value from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang and l.lanname not in ('c', 'internal') join (values ('unattended',  E'[''"]unattended[''"]|''\\{([^''}]*[,"])?\\s*unattended\\s*([,"][^''}]*)?\\}''')) as v (value, pattern) on p.prosrc ~ v.pattern where p.pronamespace::pg_catalog.regnamespace::text not in ('pg_catalog', 'information_schema') and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e')) then
    raise warning 'enum public.session_request_status: a removed value is named in places that PostgreSQL does not change with the type. Change those first. Or print the script with --allow drop.';
    return;
  end if;
  drop policy "Mechanics can view pending requests" on public.session_requests;
  drop policy "Mechanics can accept requests" on public.session_requests;
  drop policy "Customers can create own requests" on public.session_requests;
  drop policy "Customers can cancel own requests" on public.session_requests;
  alter table only public.session_requests alter column status drop default;
  alter type public.session_request_status rename to session_request_status_fedcc8d1;
  create type public.session_request_status as enum ('pending', 'accepted', 'cancelled');
  alter table public.session_requests alter column status type public.session_request_status using status::text::public.session_request_status;
  alter type public.session_request_status owner to app_owner;
  alter table only public.session_requests alter column status set default 'pending'::public.session_request_status;
  create policy "Customers can cancel own requests" on public.session_requests as permissive for update to authenticated using (((customer_id = ( SELECT auth.uid() AS uid)) AND (status = 'pending'::public.session_request_status))) with check (((customer_id = ( SELECT auth.uid() AS uid)) AND (status = 'cancelled'::public.session_request_status)));
  create policy "Customers can create own requests" on public.session_requests as permissive for insert to authenticated with check (((customer_id = ( SELECT auth.uid() AS uid)) AND (status = 'pending'::public.session_request_status) AND (mechanic_id IS NULL)));
  create policy "Mechanics can accept requests" on public.session_requests as permissive for update to authenticated using (((status = 'pending'::public.session_request_status) AND (EXISTS ( SELECT 1
   FROM public.profiles p
  WHERE ((p.id = ( SELECT auth.uid() AS uid)) AND (p.role = 'mechanic'::text)))))) with check ((mechanic_id = ( SELECT auth.uid() AS uid)));
  create policy "Mechanics can view pending requests" on public.session_requests as permissive for select to authenticated using (((status = 'pending'::public.session_request_status) AND (mechanic_id IS NULL) AND (EXISTS ( SELECT 1
   FROM public.mechanics m
  WHERE (m.user_id = ( SELECT auth.uid() AS uid))))));
  alter routine public.touch_session_requests_updated_at() security invoker;
  drop type public.session_request_status_fedcc8d1;
end
$repair$;

-- 2. Drop NOT NULL of public.session_participants.display_name
-- Why: The column public.session_participants.display_name is NOT NULL without a default, and the contract does
-- not name it: every insert by the application fails.
-- Lock: AccessExclusiveLock on public.session_participants, which blocks reads and writes.
-- Hazards: loosen (removes something that rejects invalid rows or fills in new ones).
do $repair$
begin
  set local search_path = '';
  if not exists (select from pg_catalog.pg_attribute a where a.attrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_participants') and a.attname = 'display_name' and not a.attisdropped and a.attnotnull) then
    return;
  end if;
  set local search_path = public;
  alter table public.session_participants alter column display_name drop not null;
end
$repair$;

-- 3. Add the column public.session_requests.metadata
-- Why: The column metadata of public.session_requests does not exist: every statement that names it fails
-- (42703; PostgREST: PGRST204).
-- Lock: AccessExclusiveLock on public.session_requests, which blocks reads and writes.
do $repair$
begin
  set local search_path = '';
  if exists (select from pg_catalog.pg_attribute a where a.attrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests') and a.attname = 'metadata' and not a.attisdropped and true) then
    return;
  end if;
  set local search_path = public;
  alter table public.session_requests add column metadata jsonb not null default '{}'::jsonb;
end
$repair$;

-- 4. Drop the default of public.session_requests.notification_sent_at
-- Why: The column public.session_requests.notification_sent_at has a default: an insert that omits it stores the
-- default instead of null.
-- Lock: AccessExclusiveLock on public.session_requests, which blocks reads and writes.
do $repair$
begin
  set local search_path = '';
  if not exists (select from pg_catalog.pg_attribute a where a.attrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests') and a.attname = 'notification_sent_at' and not a.attisdropped and a.atthasdef) then
    return;
  end if;
  set local search_path = public;
  alter table public.session_requests alter column notification_sent_at drop default;
end
$repair$;

-- 5. Change the target of the foreign key public.session_requests.session_requests_mechanic_id_fkey
-- Why: The foreign key session_requests_mechanic_id_fkey of public.session_requests points to auth.users, and
-- should point to public.mechanics: inserting a key of public.mechanics fails (23503).
-- Lock: AccessExclusiveLock on public.session_requests and public.mechanics and auth.users, which blocks reads
-- and writes.
do $repair$
begin
  set local search_path = '';
  if exists (select from pg_catalog.pg_constraint c where c.conrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests') and c.conname = 'session_requests_mechanic_id_fkey' and c.confrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'mechanics') and array(select a.attname::text from pg_catalog.unnest(c.conkey) with ordinality as k (number, position) join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number order by k.position) = array['mechanic_id']::text[] and c.confmatchtype = 's' and c.confupdtype = 'a' and c.confdeltype = 'n' and coalesce(pg_catalog.to_jsonb(c) ->> 'conperiod' = 'true', false) = false and pg_catalog.to_jsonb(c) ->> 'conenforced' is distinct from 'false' and not exists (with recursive k as (select c.oid union all select p.oid from k join pg_catalog.pg_constraint p on p.conparentid = k.oid) select from k join pg_catalog.pg_trigger t on t.tgconstraint = k.oid where t.tgisinternal and t.tgenabled in ('D', 'R')) and array(select a.attname::text from pg_catalog.unnest(c.confkey) with ordinality as k (number, position) join pg_catalog.pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number order by k.position) = array['id']::text[] and array(select a.attname::text from pg_catalog.jsonb_array_elements_text(nullif(pg_catalog.to_jsonb(c) -> 'confdelsetcols', 'null')) as k (number) join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number::pg_catalog.int2 order by a.attname) = array[]::text[]) then
    return;
  end if;
  set local search_path = public;
  alter table public.session_requests drop constraint session_requests_mechanic_id_fkey, add constraint session_requests_mechanic_id_fkey foreign key (mechanic_id) references public.mechanics (id) on delete set null not valid;
end
$repair$;

-- 6. Validate the foreign key public.session_requests.session_requests_mechanic_id_fkey
-- Why: The foreign key session_requests_mechanic_id_fkey of public.session_requests points to auth.users, and
-- should point to public.mechanics: inserting a key of public.mechanics fails (23503).
-- Lock: ShareUpdateExclusiveLock on public.session_requests and public.mechanics and auth.users, which blocks
-- other changes of the schema.
-- Hazards: scan (reads a whole table, without blocking others).
-- First, repairs/remap_mechanic_id.sql repairs the rows that point to no row of public.mechanics.
do $repair$
begin
  set local search_path = public;
end
$repair$;
with wrong as (
  select r.id, r.mechanic_id as account
  from public.session_requests r
  where r.id = any (array(select o.key from (select session_requests.id as key, session_requests.mechanic_id as mechanic_id, 'not in public.mechanics'::text as why from public.session_requests where session_requests.mechanic_id is not null and not exists (select from public.mechanics other where other.id = session_requests.mechanic_id)) o)::uuid[])
    and r.mechanic_id is not null
    and not exists (select from public.mechanics m where m.id = r.mechanic_id)
    and (select count(*) from public.mechanics m where m.user_id = r.mechanic_id) <= 1
  for no key update
)
update public.session_requests r
set mechanic_id = (select m.id from public.mechanics m where m.user_id = wrong.account)
from wrong
where r.id = wrong.id
returning r.id, wrong.account as mechanic_id_was, r.mechanic_id;
do $repair$
begin
  set local search_path = '';
  if exists (select from pg_catalog.pg_constraint c where c.conrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests') and c.conname = 'session_requests_mechanic_id_fkey' and c.convalidated) then
    return;
  end if;
  set local search_path = public;
  if exists (select session_requests.id as key, session_requests.mechanic_id as mechanic_id, 'not in public.mechanics'::text as why from public.session_requests where session_requests.mechanic_id is not null and not exists (select from public.mechanics other where other.id = session_requests.mechanic_id)) then
    raise warning 'foreign key public.session_requests.session_requests_mechanic_id_fkey: rows point to no row of public.mechanics. Delete them, set mechanic_id to null, or create the rows that they point to.';
    return;
  end if;
  alter table public.session_requests validate constraint session_requests_mechanic_id_fkey;
end
$repair$;

-- 7. Validate the check public.sessions.sessions_status_check
-- Why: The constraint sessions_status_check of public.sessions is not validated: existing rows may violate it.
-- Lock: ShareUpdateExclusiveLock on public.sessions, which blocks other changes of the schema.
-- Hazards: scan (reads a whole table, without blocking others).
do $repair$
begin
  set local search_path = '';
  if exists (select from pg_catalog.pg_constraint c where c.conrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'sessions') and c.conname = 'sessions_status_check' and c.convalidated) then
    return;
  end if;
  set local search_path = public;
  if exists (select sessions.id as key, sessions.status as status, 'not status in (''pending'', ''waiting'', ''live'', ''completed'', ''cancelled'')'::text as why from public.sessions where not (status in ('pending', 'waiting', 'live', 'completed', 'cancelled'))) then
    raise warning 'check public.sessions.sessions_status_check: rows violate sessions_status_check. Change them so that they satisfy it, or delete them.';
    return;
  end if;
  alter table public.sessions validate constraint sessions_status_check;
end
$repair$;

-- 8. Build the index public.session_requests.session_requests_session_id_idx concurrently
-- Why: The index session_requests_session_id_idx of public.session_requests does not exist: queries that rely on
-- it scan the whole table.
-- Lock: ShareUpdateExclusiveLock on public.session_requests, which blocks other changes of the schema.
-- Hazards: scan (reads a whole table, without blocking others).
do $repair$
begin
  set local search_path = '';
  if exists (select from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid where i.indrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests') and x.relname = 'session_requests_session_id_idx' and i.indisvalid and i.indisunique = false and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))) then
    return;
  end if;
  if exists (select from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid where i.indrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests') and x.relname = 'session_requests_session_id_idx' and not i.indisvalid and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))) then
    drop index public.session_requests_session_id_idx;
  end if;
  set local search_path = public;
  if exists (select null::uuid as key, h.why from (select pg_catalog.format('%s already has this name, and must be renamed first', pg_catalog.pg_describe_object(d.c, d.o, 0)) from (select 'pg_catalog.pg_class'::pg_catalog.regclass, (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests_session_id_idx')) d (c, o) where d.o is not null and not exists (select from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid where i.indrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests') and x.relname = 'session_requests_session_id_idx' and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')))) h (why)) then
    raise warning 'index public.session_requests.session_requests_session_id_idx: rows prevent session_requests_session_id_idx from being built. Rename that object: indexes, tables, views and sequences share one namespace.';
    return;
  end if;
  create index session_requests_session_id_idx on public.session_requests using btree ((metadata ->> 'session_id'));
end
$repair$;

-- 9. Create the policy "Allow service role full access" on public.session_requests
-- Why: The policy "Allow service role full access" of public.session_requests does not exist: unless another
-- policy gives service_role access, reads return no rows, updates change nothing, inserts fail (42501).
-- Lock: AccessExclusiveLock on public.session_requests, which blocks reads and writes.
-- Hazards: rights (changes access rights).
do $repair$
begin
  set local search_path = '';
  if exists (select from pg_catalog.pg_policy p where p.polrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests') and p.polname = 'Allow service role full access' and true) then
    return;
  end if;
  set local search_path = public;
  create policy "Allow service role full access" on public.session_requests for all to service_role using (true) with check (true);
end
$repair$;

-- 10. Grant insert, update, delete on public.session_requests to service_role
-- Why: The role service_role may not insert, update, delete on public.session_requests: its statements fail
-- (42501), whatever the policies.
-- Lock: AccessShareLock on public.session_requests, which blocks only changes of the schema.
-- Hazards: rights (changes access rights).
do $repair$
begin
  set local search_path = '';
  if exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace cross join pg_catalog.pg_roles r where c.oid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests') and r.rolname = 'service_role' and pg_catalog.has_schema_privilege(r.oid, n.oid, 'usage') and not exists (select from pg_catalog.unnest(array['insert', 'update', 'delete']::text[]) p (name) where not pg_catalog.has_table_privilege(r.oid, c.oid, p.name))) then
    return;
  end if;
  set local search_path = public;
  grant insert, update, delete on public.session_requests to service_role;
end
$repair$;

-- 11. Enable the trigger public.sessions.trg_sessions_updated
-- Why: The trigger trg_sessions_updated of public.sessions is disabled: what it maintains is not updated.
-- Lock: ShareRowExclusiveLock on public.sessions, which blocks writes.
do $repair$
begin
  set local search_path = '';
  if exists (select from pg_catalog.pg_trigger t where t.tgrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'sessions') and t.tgname = 'trg_sessions_updated' and t.tgenabled = 'O') then
    return;
  end if;
  set local search_path = public;
  alter table public.sessions enable trigger trg_sessions_updated;
end
$repair$;

-- 12. Add public.session_requests to the publication supabase_realtime
-- Why: The publication supabase_realtime does not contain public.session_requests, or does not exist: its
-- subscribers receive no changes of the table.
-- Lock: ShareUpdateExclusiveLock on public.session_requests, which blocks other changes of the schema.
do $repair$
begin
  set local search_path = '';
  if (exists (select from pg_catalog.pg_publication_rel r join pg_catalog.pg_publication o on o.oid = r.prpubid where o.pubname = 'supabase_realtime' and r.prrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests')) or exists (select from pg_catalog.pg_publication_tables t where t.pubname = 'supabase_realtime' and t.schemaname = 'public' and t.tablename = 'session_requests') or exists (select from pg_catalog.pg_publication p where p.pubname = 'supabase_realtime' and (p.puballtables or exists (select from pg_catalog.pg_depend d join pg_catalog.pg_depend e on e.classid = d.classid and e.objid = d.objid join pg_catalog.pg_namespace n on n.oid = d.refobjid where d.classid = coalesce(pg_catalog.to_regclass('pg_catalog.pg_publication_namespace')::oid, 0) and d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and e.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass and e.refobjid = p.oid and n.nspname = 'public')))) then
    return;
  end if;
  set local search_path = public;
  execute $sql$do $do$
begin
  if exists (select from pg_catalog.pg_publication p where p.pubname = 'supabase_realtime') then
    alter publication supabase_realtime add table only public.session_requests;
  else
    create publication supabase_realtime for table only public.session_requests;
  end if;
end
$do$$sql$;
end
$repair$;

-- 13. Drop the policy "Mechanics can accept requests" on public.session_requests
-- Why: The policy "Mechanics can accept requests" of public.session_requests exists, and the contract declares
-- it absent: a role may have access that it should not have.
-- Lock: AccessExclusiveLock on public.session_requests, which blocks reads and writes.
-- Hazards: rights (changes access rights).
do $repair$
begin
  set local search_path = '';
  if not exists (select from pg_catalog.pg_policy p where p.polrelid = (select r.oid from pg_catalog.pg_class r join pg_catalog.pg_namespace s on s.oid = r.relnamespace where s.nspname = 'public' and r.relname = 'session_requests') and p.polname = 'Mechanics can accept requests' and true) then
    return;
  end if;
  set local search_path = public;
  drop policy "Mechanics can accept requests" on public.session_requests;
end
$repair$;

-- Make PostgREST reload its schema cache.
notify pgrst, 'reload schema';
