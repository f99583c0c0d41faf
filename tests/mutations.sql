-- What may happen to the demo's system: one statement or a few each, with the harm that it does.
--
-- Above each stands what must be found, by its rules, and the harm. In brackets stand the words by which README declares
-- that nothing looks at it; “nothing” is no harm, or what PostgreSQL refuses.

-- Columns --------------------------------------------------------------------------------------------------------------

-- missing-column, missing-index: no request can be written
alter table session_requests drop column metadata;

-- missing-column, index-definition: the same; data kept
alter table session_requests rename metadata to meta;

-- missing-column: 42703 on the form
alter table intakes drop column concern;

-- missing-column: 42703 on the profile
alter table profiles drop column phone;

-- missing-column, missing-foreign-key: the form is lost
alter table sessions drop column intake_id;

-- missing-column, missing-index, missing-policy: no mechanic sees his sessions
alter table sessions drop column mechanic_id cascade;

-- column-type: long names are refused
alter table session_requests alter customer_name type varchar(20);

-- column-type: “2004 or 2005” is refused
alter table intakes alter year type integer using year::integer;

-- column-type: hours are off by the zone
alter table sessions alter created_at type timestamp;

-- column-type: long plans are refused
alter table sessions alter plan type varchar(255);

-- column-type: operators of jsonb fail
alter table intakes alter files type json using files::json;

-- column-collation: sorts otherwise
alter table session_requests alter notes type text collate "C";

-- column-default: inserts fail (23502)
alter table sessions alter id drop default;

-- column-default: status is null, and nobody is waiting
alter table sessions alter status drop default;

-- column-default: new sessions take a mechanic
alter table sessions alter status set default 'live';

-- column-default: no mechanic is asked
alter table session_requests alter status set default 'accepted';

-- column-default: nobody is notified
alter table session_requests alter notification_sent_at set default now();

-- column-default: ->> gives null
alter table sessions alter metadata set default '[]';

-- column-default: inserts fail (23502)
alter table sessions alter metadata drop default;

-- column-default: all are old
alter table profiles alter created_at set default '2020-01-01';

-- column-default: the second insert fails (23505)
alter table intakes alter id set default '00000000-0000-0000-0000-000000000000';

-- column-nullability: sessions without a plan
alter table sessions alter plan drop not null;

-- column-nullability: requests of nobody
alter table session_requests alter customer_id drop not null;

-- column-nullability: inserts without a name fail (23502)
alter table session_requests alter customer_name set not null;

-- column-nullability: the form fails without a VIN
update intakes set vin = '' where vin is null;
alter table intakes alter vin set not null;

-- column-nullability: sessions that nobody paid
alter table sessions alter stripe_session_id drop not null;

-- blocking-column: every insert fails (23502)
alter table sessions add tenant text not null default 'x';
alter table sessions alter tenant drop default;

-- blocking-column: nobody can take part
alter table session_participants add seat integer not null default 1;
alter table session_participants alter seat drop default;

-- nothing: the contract asks not to hear of it
alter table sessions add note text;

-- column-generation, column-nullability: inserts of a plan fail (428C9)
alter table sessions drop plan;
alter table sessions add plan text generated always as ('chat') stored;

-- column-generation, column-type, missing-foreign-key: ids are numbers
alter table intakes alter id drop default;
alter table intakes drop constraint intakes_pkey cascade;
alter table intakes drop id;
alter table intakes add id bigint generated always as identity primary key;

-- missing-column: addresses cannot be read
alter table auth.users drop column email;

-- column-type: none yet; the platform changed
alter table auth.users alter email type text;

-- nothing: refused by PostgreSQL: it is in the primary key
alter table auth.users alter id drop not null;

-- [statistics targets of columns]: plans get worse
alter table sessions alter plan set statistics 0;

-- [storage parameters]: the table grows
alter table intakes alter files set storage external;

-- [storage parameters] (since 14): none that shows
alter table intakes alter files set compression pglz;

-- [comments]: PostgREST tells other words
comment on column sessions.plan is 'x';

-- unvalidated-constraint (since 18): old rows may hold null
alter table session_requests drop constraint session_requests_customer_id_fkey;
alter table session_requests alter customer_id drop not null;
alter table session_requests add constraint c not null customer_id not valid;
alter table session_requests add constraint session_requests_customer_id_fkey foreign key (customer_id) references auth.users on delete cascade;

-- Enums ----------------------------------------------------------------------------------------------------------------

-- enum-values: hides that code asks for a wrong status
alter type session_request_status add value 'unattended';

-- enum-values: comparisons change
alter type session_request_status add value 'new' before 'pending';

-- enum-values: 22P02 on cancelling
alter type session_request_status rename value 'cancelled' to 'canceled';

-- enum-values: 22P02 on every chat
alter type session_type rename value 'chat' to 'text';

-- missing-enum, column-type: casts fail (42704)
alter type session_participant_role rename to participant_role;

-- missing-enum, column-type: casts fail (42704)
alter type session_type set schema auth;

-- missing-enum, column-type: casts fail; any text is stored
alter table sessions alter type type text;
alter table session_requests alter session_type type text;
drop type session_type;

-- enum-values: sorts otherwise
alter table sessions alter type type text;
alter table session_requests alter session_type type text;
drop type session_type;
create type session_type as enum ('video', 'chat', 'diagnostic');
alter table sessions alter type type session_type using type::session_type;
alter table session_requests alter session_type type session_type using session_type::session_type;

-- [owners and privileges of types]: another role can add values
alter type session_type owner to authenticated;

-- [owners and privileges of types]: no new table can use it
revoke usage on type session_type from public;

-- Keys -----------------------------------------------------------------------------------------------------------------

-- missing-key: a payment makes two sessions
alter table sessions drop constraint sessions_stripe_session_id_key;

-- missing-key: two mechanics of one address
alter table mechanics drop constraint mechanics_email_key;

-- missing-key: on conflict fails (42P10)
alter table session_participants drop constraint session_participants_session_id_user_id_key;

-- missing-key, missing-foreign-key: duplicates
alter table intakes drop constraint intakes_pkey cascade;

-- missing-key, missing-foreign-key: duplicates
alter table sessions drop constraint sessions_pkey cascade;

-- missing-key, missing-foreign-key: accounts go without their rows
alter table auth.users drop constraint users_pkey cascade;

-- key-columns: a payment makes two sessions
alter table sessions drop constraint sessions_stripe_session_id_key;
alter table sessions add constraint sessions_stripe_session_id_key unique (stripe_session_id, plan);

-- key-columns: slow by session
alter table session_participants drop constraint session_participants_session_id_user_id_key;
alter table session_participants add constraint session_participants_session_id_user_id_key unique (user_id, session_id);

-- constraint-deferral: on conflict fails (55000)
alter table mechanics drop constraint mechanics_email_key;
alter table mechanics add constraint mechanics_email_key unique (email) deferrable;

-- constraint-deferral, unenforced-constraint: duplicates are stored
alter table mechanics drop constraint mechanics_email_key;
alter table mechanics add constraint mechanics_email_key unique (email) deferrable initially deferred;
alter table mechanics disable trigger all;

-- key-columns (since 15): none while it is NOT NULL
alter table mechanics drop constraint mechanics_email_key;
alter table mechanics add constraint mechanics_email_key unique nulls not distinct (email);

-- misnamed-object: migrations that name it fail
alter table sessions rename constraint sessions_pkey to sessions_key;

-- unexpected-key: a family's second profile is refused
alter table profiles add constraint one_phone unique (phone);

-- unenforced-constraint: nothing uses it
update pg_index set indisvalid = false where indexrelid = 'sessions_pkey'::regclass;

-- partition-row-security, unenforced-constraint: rows without keys among intakes
create table more () inherits (intakes);

-- unexpected-exclusion: inserts are refused (23P01)
alter table intakes add constraint no_overlap exclude using btree (id with =);

-- unexpected-key: writes cost more
alter table sessions add constraint late unique (id) deferrable;

-- Foreign keys ---------------------------------------------------------------------------------------------------------

-- missing-foreign-key: PostgREST cannot embed (PGRST200)
alter table sessions drop constraint sessions_intake_id_fkey;

-- missing-foreign-key: requests point nowhere
alter table session_requests drop constraint session_requests_mechanic_id_fkey;

-- missing-foreign-key: profiles outlive their account
alter table profiles drop constraint profiles_id_fkey;

-- foreign-key-target, unvalidated-constraint: accepting fails (23503)
alter table session_requests drop constraint session_requests_mechanic_id_fkey;
alter table session_requests add constraint session_requests_mechanic_id_fkey foreign key (mechanic_id) references auth.users (id) on delete set null not valid;

-- foreign-key-action: sessions cannot be deleted
alter table session_participants drop constraint session_participants_session_id_fkey;
alter table session_participants add constraint session_participants_session_id_fkey foreign key (session_id) references sessions (id);

-- foreign-key-action: deleting a form deletes sessions
alter table sessions drop constraint sessions_intake_id_fkey;
alter table sessions add constraint sessions_intake_id_fkey foreign key (intake_id) references intakes (id) on delete cascade;

-- foreign-key-action: ids change unseen
alter table session_requests drop constraint session_requests_customer_id_fkey;
alter table session_requests add constraint session_requests_customer_id_fkey foreign key (customer_id) references auth.users (id) on delete cascade on update cascade;

-- unvalidated-constraint: old profiles of nobody
alter table profiles drop constraint profiles_id_fkey;
alter table profiles add constraint profiles_id_fkey foreign key (id) references auth.users (id) on delete cascade not valid;

-- constraint-deferral: fails at commit
alter table profiles alter constraint profiles_id_fkey deferrable initially deferred;

-- unenforced-constraint (since 18): profiles of nobody
alter table profiles alter constraint profiles_id_fkey not enforced;

-- unenforced-constraint (since 18): profiles of nobody
alter table profiles drop constraint profiles_id_fkey;
alter table profiles add constraint profiles_id_fkey foreign key (id) references auth.users (id) on delete cascade not enforced;

-- unenforced-constraint: participants of no session
alter table session_participants disable trigger all;

-- unenforced-constraint: accounts go, their rows stay
alter table auth.users disable trigger all;

-- unenforced-constraint: orphans both ways
alter table sessions disable trigger all;
alter table sessions enable trigger user;

-- unenforced-constraint: forms go, sessions point to nothing
alter table intakes disable trigger all;

-- unenforced-constraint: orphans of mechanics
do $$ begin execute (select string_agg(format('alter table mechanics enable replica trigger %I', tgname), ';') from pg_trigger where tgrelid = 'mechanics'::regclass and tgisinternal); end $$;

-- nothing: none: it is held on a replica, too
do $$ begin execute (select string_agg(format('alter table mechanics enable always trigger %I', tgname), ';') from pg_trigger where tgrelid = 'mechanics'::regclass and tgisinternal); end $$;

-- misnamed-object: PostgREST hints by name fail
alter table session_requests rename constraint session_requests_customer_id_fkey to customer;

-- unexpected-foreign-key: PostgREST embeds are ambiguous (PGRST201)
alter table sessions add constraint sessions_mechanic_id_fkey foreign key (mechanic_id) references mechanics (id) not valid;

-- unexpected-foreign-key: PGRST201
alter table session_requests add constraint again foreign key (mechanic_id) references mechanics (id);

-- replication-role: no foreign key and no trigger for anybody
do $$ begin execute format('alter database %I set session_replication_role = replica', current_database()); end $$;

-- replication-role: none for the API
do $$ begin execute format('alter role authenticator in database %I set session_replication_role = replica', current_database()); end $$;

-- Checks ---------------------------------------------------------------------------------------------------------------

-- missing-check: any status is stored
alter table sessions drop constraint sessions_status_check;

-- missing-check: any role is stored
alter table profiles drop constraint profiles_role_check;

-- check-expression: a role that nobody knows
alter table profiles drop constraint profiles_role_check;
alter table profiles add constraint profiles_role_check check (role in ('customer', 'mechanic', 'admin', 'root'));

-- check-expression, unvalidated-constraint: waiting is refused (23514)
alter table sessions drop constraint sessions_status_check;
alter table sessions add constraint sessions_status_check check (status in ('pending', 'live')) not valid;

-- unvalidated-constraint: old rows of any status
alter table sessions drop constraint sessions_status_check;
alter table sessions add constraint sessions_status_check check (status in ('pending', 'waiting', 'live', 'completed', 'cancelled')) not valid;

-- unenforced-constraint (since 18): any status is stored
alter table sessions drop constraint sessions_status_check;
alter table sessions add constraint sessions_status_check check (status in ('pending', 'waiting', 'live', 'completed', 'cancelled')) not enforced;

-- check-inheritance: child tables escape it
alter table sessions drop constraint sessions_status_check;
alter table sessions add constraint sessions_status_check check (status in ('pending', 'waiting', 'live', 'completed', 'cancelled')) no inherit;

-- check-expression: escapes without a plan
alter table sessions drop constraint sessions_status_check;
alter table sessions add constraint sessions_status_check check (status in ('pending', 'waiting', 'live', 'completed', 'cancelled') or plan is null);

-- unexpected-check: gifts are refused
alter table sessions add constraint paid check (plan <> 'gift');

-- misnamed-object: migrations that name it fail
alter table sessions rename constraint sessions_status_check to status;

-- check-expression: any status is stored
alter table sessions drop constraint sessions_status_check;
alter table sessions add constraint sessions_status_check check (true);

-- Indexes --------------------------------------------------------------------------------------------------------------

-- missing-index: two tabs make two sessions
drop index sessions_one_active_per_customer;

-- missing-index: every look-up reads the table
drop index session_requests_session_id_idx;

-- index-uniqueness: two tabs make two sessions
drop index sessions_one_active_per_customer;
create index sessions_one_active_per_customer on sessions (customer_user_id) where status in ('pending', 'waiting', 'live');

-- index-definition: two live sessions
drop index sessions_one_active_per_customer;
create unique index sessions_one_active_per_customer on sessions (customer_user_id) where status = 'pending';

-- index-definition: a mechanic is given two who wait
drop index sessions_one_active_per_mechanic;
create unique index sessions_one_active_per_mechanic on sessions (mechanic_id) where status = 'live';

-- index-definition: none that shows
drop index session_requests_status_idx;
create index session_requests_status_idx on session_requests (status desc);

-- index-definition: cannot sort
drop index session_requests_status_idx;
create index session_requests_status_idx on session_requests using hash (status);

-- index-definition: the query does not use it
drop index session_requests_session_id_idx;
create index session_requests_session_id_idx on session_requests ((metadata -> 'session_id'));

-- index-definition: the query does not use it
drop index session_requests_session_id_idx;
create index session_requests_session_id_idx on session_requests ((metadata ->> 'session'));

-- misnamed-object: migrations that name it fail
alter index session_requests_status_idx rename to by_status;

-- invalid-index: not proven for older rows
update pg_index set indisvalid = false where indexrelid = 'sessions_one_active_per_customer'::regclass;

-- invalid-index: duplicates are stored
update pg_index set indisready = false where indexrelid = 'sessions_one_active_per_customer'::regclass;

-- invalid-index: duplicates are stored
update pg_index set indislive = false where indexrelid = 'sessions_one_active_per_customer'::regclass;

-- unexpected-index: writes cost more
create index spare on sessions (plan);

-- unexpected-index: writes cost more
create unique index spare on sessions (plan, stripe_session_id);

-- index-definition: grows
drop index session_requests_status_idx;
create index session_requests_status_idx on session_requests (status) include (id);

-- index-definition: grows
alter index session_requests_status_idx set (fillfactor = 50);

-- [the order in which rows are stored]: none by itself
alter table sessions cluster on sessions_pkey;

-- Row security ---------------------------------------------------------------------------------------------------------

-- row-security: whoever has a grant reads names and VINs
alter table intakes disable row level security;

-- row-security: every customer reads all sessions
alter table sessions disable row level security;

-- row-security: every customer changes all requests
alter table session_requests disable row level security;

-- row-security: addresses are open to a grant
alter table auth.users disable row level security;

-- row-security: the owner sees none
alter table sessions force row level security;

-- partition-row-security, unenforced-constraint: a child's rows can be read past policies
create table children () inherits (sessions);

-- unbound-role: row security does not bind it
alter role authenticated bypassrls;

-- forbidden-grant: nothing binds it
alter role anon superuser;

-- bound-role: the server sees no row
alter role service_role nobypassrls;

-- nothing: it owns the tables
alter role app_owner nobypassrls;

-- Policies -------------------------------------------------------------------------------------------------------------

-- missing-policy: customers see nothing
drop policy "Customers can view own sessions" on sessions;

-- missing-policy: no profile is seen
drop policy "Users can view own profile" on profiles;

-- missing-policy: none while it has BYPASSRLS
drop policy "Allow service role full access" on session_requests;

-- policy-using: every customer reads all sessions
alter policy "Customers can view own sessions" on sessions using (true);

-- policy-using: every customer reads all requests
alter policy "Customers can view own requests" on session_requests using (customer_id is not null);

-- policy-check: requests in others' names
alter policy "Customers can create own requests" on session_requests with check (true);

-- policy-check: customers accept for mechanics
alter policy "Customers can cancel own requests" on session_requests with check (customer_id = (select auth.uid()));

-- policy-roles: anon reads, with a grant
alter policy "Customers can view own sessions" on sessions to public;

-- policy-roles: customers see nothing
alter policy "Customers can view own sessions" on sessions to anon;

-- policy-roles: anon reads, with a grant
alter policy "Users can view own profile" on profiles to authenticated, anon;

-- misnamed-object: migrations that name it fail
alter policy "Customers can view own sessions" on sessions rename to mine;

-- unexpected-policy: everybody with a grant reads all
create policy leak on sessions for select using (true);

-- unexpected-policy: nobody sees a row
create policy shut on sessions as restrictive using (false);

-- unexpected-policy: forms are open to a grant
create policy open on intakes using (true);

-- policy-mode: no profile is seen
drop policy "Users can view own profile" on profiles;
create policy "Users can view own profile" on profiles as restrictive for select to authenticated using (id = (select auth.uid()));

-- policy-command: profiles can be changed, with a grant
drop policy "Users can view own profile" on profiles;
create policy "Users can view own profile" on profiles for all to authenticated using (id = (select auth.uid()));

-- forbidden-policy: any account changes any request
create policy "Mechanics can accept requests" on session_requests for update to authenticated using (true);

-- policy-using: every customer sees who waits
alter policy "Mechanics can view pending requests" on session_requests using (status = 'pending' and mechanic_id is null);

-- policy-using: slow: once for each row
alter policy "Customers can view own sessions" on sessions using (customer_user_id = auth.uid());

-- [tables, views and functions that are not named]: everybody is one and the same
create or replace function auth.uid() returns uuid language sql stable as $$ select '00000000-0000-0000-0000-000000000000'::uuid $$;

-- missing-policy: nobody sees anything
drop function auth.uid() cascade;

-- Triggers -------------------------------------------------------------------------------------------------------------

-- missing-trigger: updated_at goes stale
drop trigger trg_sessions_updated on sessions;

-- disabled-trigger: updated_at goes stale
alter table sessions disable trigger trg_sessions_updated;

-- disabled-trigger: updated_at goes stale
alter table sessions disable trigger user;

-- disabled-trigger: updated_at goes stale
alter table sessions enable replica trigger trg_sessions_updated;

-- disabled-trigger: changes replicated rows
alter table sessions enable always trigger trg_sessions_updated;

-- trigger-definition: updated_at goes stale
drop trigger trg_sessions_updated on sessions;
create trigger trg_sessions_updated after update on sessions for each row execute function touch_updated_at();

-- trigger-definition: updated_at goes stale
drop trigger trg_sessions_updated on sessions;
create trigger trg_sessions_updated before insert on sessions for each row execute function touch_updated_at();

-- trigger-definition: updated_at goes stale
drop trigger trg_sessions_updated on sessions;
create trigger trg_sessions_updated before update of plan on sessions for each row execute function touch_updated_at();

-- trigger-definition: updated_at goes stale
drop trigger trg_sessions_updated on sessions;
create trigger trg_sessions_updated before update on sessions for each row when (old.plan is distinct from new.plan) execute function touch_updated_at();

-- trigger-definition: none yet
drop trigger trg_sessions_updated on sessions;
create trigger trg_sessions_updated before update on sessions for each row execute function touch_session_requests_updated_at();

-- misnamed-object: order among triggers changes
alter trigger trg_sessions_updated on sessions rename to zz;

-- unexpected-trigger: no session is stored
create function no() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger no before insert on sessions for each row execute function no();

-- [event triggers that are not named]: none by itself
create function no() returns event_trigger language plpgsql as $$ begin end $$;
create event trigger no on ddl_command_end execute function no();

-- diverting-rewrite-rule: requests vanish without an error
create rule silent as on insert to session_requests do instead nothing;

-- diverting-rewrite-rule: updates vanish without an error
create rule silent as on update to sessions do instead nothing;

-- Functions ------------------------------------------------------------------------------------------------------------

-- function-definition: updated_at goes stale
create or replace function touch_updated_at() returns trigger language plpgsql set search_path = '' as $$ begin return new; end $$;

-- function-definition: updates vanish
create or replace function touch_updated_at() returns trigger language plpgsql set search_path = '' as $$ begin new.updated_at := now(); return null; end $$;

-- function-definition: can be made to call another now()
alter function touch_updated_at() reset search_path;

-- function-definition: can be made to call another now()
alter function touch_updated_at() set search_path = public;

-- function-security: works with its owner's rights
alter function touch_updated_at() security definer;

-- function-definition: may be planned otherwise
alter function touch_updated_at() stable;

-- function-definition: none for a trigger
alter function touch_updated_at() strict;

-- function-definition: may be run before policies
alter function touch_updated_at() leakproof;

-- function-definition: none for a trigger
alter function touch_updated_at() parallel safe;

-- missing-function, trigger-definition: migrations that name it fail
alter function touch_updated_at() rename to touch;

-- missing-function, trigger-definition: migrations that name it fail
alter function touch_updated_at() set schema auth;

-- missing-function, missing-trigger: updated_at goes stale
drop function touch_session_requests_updated_at() cascade;

-- [owners of functions that are not stated]: another role can replace it
alter function touch_updated_at() owner to authenticated;

-- function-planning: plans get worse
alter function touch_updated_at() cost 10000;

-- nothing: refused by PostgreSQL: triggers take no arguments
create function touch_updated_at(variadic text[]) returns trigger language plpgsql as $$ begin return new; end $$;

-- overloaded-function: a call without arguments is ambiguous (42725)
create function touch_updated_at(a integer default 1) returns integer language sql as 'select 1';

-- [overloads with other numbers of arguments]: none
create function touch_updated_at(a integer) returns integer language sql as 'select 1';

-- [privileges that are not stated on functions that no policy calls]: triggers cannot be made by others
revoke execute on function touch_updated_at() from public;

-- [tables, views and functions that are not named]: whoever calls it deletes all
create or replace procedure tidy() language sql as 'delete from sessions';

-- [tables, views and functions that are not named]: anon reads all by rpc
create function leak() returns setof sessions language sql security definer as 'select * from sessions';

-- Grants ---------------------------------------------------------------------------------------------------------------

-- forbidden-grant: visitors read names and VINs, by a policy
grant select on intakes to anon;

-- forbidden-grant: visitors read addresses
grant select (email) on intakes to anon;

-- forbidden-grant: visitors change sessions, by a policy
grant all on sessions to anon;

-- forbidden-grant: visitors empty it, past row security
grant truncate on session_requests to anon;

-- excess-grant: customers write sessions, by a policy
grant insert on sessions to authenticated;

-- excess-grant: customers empty it
grant truncate on profiles to authenticated;

-- excess-grant: customers make themselves admin
grant update (role) on profiles to authenticated;

-- excess-grant: customers delete requests, by a policy
grant delete on session_requests to authenticated;

-- excess-grant: blocks deletes by a foreign key
grant references on session_requests to service_role;

-- missing-grant: customers see nothing (42501)
revoke select on sessions from authenticated;

-- missing-grant: nobody can ask
revoke insert on session_requests from authenticated;

-- missing-grant: the server writes nothing
revoke all on session_requests from service_role;

-- missing-grant: nobody can accept
revoke update on session_requests from service_role;

-- missing-grant: none yet
revoke truncate on intakes from service_role;

-- missing-grant: select * fails (42501)
revoke select on session_requests from authenticated;
grant select (id) on session_requests to authenticated;

-- public-grant, forbidden-grant: every role reads, by a policy
grant select on sessions to public;

-- unexpected-grant: another service reads the forms
grant select on intakes to supabase_auth_admin;

-- nothing: none: PUBLIC has it
revoke usage on schema public from authenticated;

-- missing-grant: the API is dead
revoke usage on schema public from public, anon, authenticated, service_role;

-- nothing: policies know auth.uid() without its name
revoke usage on schema auth from authenticated;

-- closed-grant: policies fail: auth.uid() cannot be called
revoke execute on function auth.uid() from public;

-- grant-option: it can hand its right on
grant select on sessions to authenticated with grant option;

-- forbidden-grant, reached-grant: customers may do all that the server may
grant service_role to authenticated;

-- forbidden-grant, reached-grant: customers may alter the tables
revoke authenticated from app_owner;
grant app_owner to authenticated;

-- forbidden-grant (since 14): visitors read everything that policies show
grant pg_read_all_data to anon;

-- forbidden-grant, reached-grant (since 14): customers write everywhere
grant pg_write_all_data to authenticated;

-- forbidden-grant: visitors are customers
grant authenticated to anon;

-- [owners and privileges of schemas that are not stated]: visitors make functions that others call
grant create on schema public to anon;

-- forbidden-grant (since 17): visitors lock it
grant maintain on sessions to anon;

-- excess-grant (since 17): customers lock it
grant maintain on sessions to authenticated;

-- [default privileges that are not stated]: the next table is open
alter default privileges in schema public grant all on tables to anon;

-- missing-grant, missing-policy: customers are out
drop owned by authenticated;

-- missing-grant, missing-policy: the server is out
drop owned by service_role;

-- Tables ---------------------------------------------------------------------------------------------------------------

-- missing-table: 42P01
drop table session_participants;

-- missing-table, missing-publication: 42P01; nobody waits
drop table session_requests;

-- missing-table: 42P01
alter table session_participants rename to participants;

-- missing-table, foreign-key-target, policy-using: 42P01
alter table mechanics set schema auth;

-- nothing: refused by PostgreSQL: it is referenced
alter table sessions set unlogged;

-- table-persistence: empty after a crash
alter table session_participants set unlogged;

-- reached-grant: customers own it, past row security
alter table sessions owner to authenticated;

-- forbidden-grant: visitors own it, past row security
alter table sessions owner to anon;

-- nothing: none: it is its owner
alter table sessions owner to app_owner;

-- [of which tables a table is a partition or a child]: rows show up in base
create table base (plan text);
alter table sessions inherit base;

-- [storage parameters]: grows, and gets slow
alter table profiles set (autovacuum_enabled = off);

-- [storage parameters]: grows
alter table profiles set (fillfactor = 10);

-- [comments]: PostgREST tells other words
comment on table sessions is 'x';

-- [tables, views and functions that are not named]: visitors read all forms
create view everything as select * from intakes;
grant select on everything to anon;

-- [tables, views and functions that are not named]: visitors read all forms
create materialized view copied as select * from intakes;
grant select on copied to anon;

-- [tables, views and functions that are not named]: visitors read all forms
create table copied as select * from intakes;
grant select on copied to anon;

-- missing-key, missing-foreign-key, missing-policy, row-security: a view stands in for it: inserts fail
drop table session_participants;
create view session_participants as select id, now() as created_at, id as session_id, id as user_id, 'customer'::session_participant_role as role, '{}'::jsonb as metadata from sessions;

-- missing-column, missing-key, missing-policy, row-security: an empty table stands in for it
drop table session_participants;
create table session_participants (id uuid);

-- [rows, except by invariants]: all is gone
truncate sessions cascade;

-- [other schemas on a search path]: statements may find the other
create schema shadow;
create table shadow.sessions ();

-- Publications ---------------------------------------------------------------------------------------------------------

-- missing-publication: dashboards hear nothing
alter publication supabase_realtime drop table session_requests;

-- missing-publication: dashboards hear nothing
drop publication supabase_realtime;

-- missing-publication: dashboards hear nothing
alter publication supabase_realtime rename to realtime;

-- unexpected-publication: names and VINs are sent to listeners
alter publication supabase_realtime add table intakes;

-- missing-publication, unexpected-publication: dashboards hear nothing of requests
alter publication supabase_realtime set table sessions;

-- [operations of publications that are not stated]: dashboards hear nothing of new requests
alter publication supabase_realtime set (publish = 'delete');

-- publication-filter (since 15): dashboards hear nothing of new requests
alter publication supabase_realtime set table session_requests where (plan_code = 'video');

-- publication-columns (since 15): dashboards get ids alone
alter publication supabase_realtime set table session_requests (id);

-- published-without-identity: every update is refused (55000)
alter table session_requests replica identity nothing;

-- [replica identities that are not stated]: every change writes more
alter table session_requests replica identity full;

-- missing-key, published-without-identity: every update is refused (55000)
alter table session_requests drop constraint session_requests_pkey;

-- [owners of publications]: another role can empty it
alter publication supabase_realtime owner to anon;

-- Around it ------------------------------------------------------------------------------------------------------------

-- [settings of roles and databases]: unqualified names find nothing
do $$ begin execute format('alter database %I set search_path = auth', current_database()); end $$;

-- [settings of roles and databases]: every request fails
alter role authenticated set statement_timeout = '1ms';

-- [settings of roles and databases]: no write succeeds
do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$;

-- [whether roles may log in]: the API cannot connect
alter role authenticator nologin;

-- [sequences, domains and types that are not named]: none
create sequence numbers;

-- [sequences, domains and types that are not named]: none
create domain plan as text check (value <> '');

-- unexpected-statistics: plans change
create statistics s on plan, status from sessions;

-- nothing: none without a provider
security label on table sessions is null;
