"""What depends on a type or a column: taken away and put back, it is what it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from caserunner import make_roles, statements
from mending import ALL, run_plan
from servers import connect
from sessionaudit.core.cure import Difference
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.enum.cure import CURE
from sessionaudit.kinds.enum.model import Enum
from sessionaudit.postgres.dependents import dependents
from sessionaudit.repair import propose
from sessionaudit.repair.apply import StepOutcome

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from servers import DatabaseServer
    from sessionaudit.core.step import Composed, Dependent

OLD = ("pending", "accepted", "unattended", "cancelled")
NEW = ("pending", "accepted", "cancelled")
TYPE = "select 'pg_catalog.pg_type'::pg_catalog.regclass, pg_catalog.to_regtype('app.st'), 0, false, true"

# Each line says what of it is easily lost.
SINCE_13 = r"""
create schema app; create schema "Odd; Schema"; set local search_path = app;
create type st as enum ('pending', 'accepted', 'unattended', 'cancelled');
comment on type st is 'the ''status''';
grant usage on type st to case_reader; revoke usage on type st from public;
create table t (
  id int primary key, st st not null default 'pending', many st[] default '{pending,accepted}',
  note text default ('accepted'::st)::text,
  up text generated always as (case when st = 'pending'::st then 'P' else 'x' end) stored not null,
  made st generated always as (case when id > 3 then 'accepted'::st else 'pending'::st end) stored,
  "Odd % ; Col" st, other st default 'accepted',
  constraint c1 check (st <> 'cancelled' or note is not null),
  constraint "c2 ""q" check (st = other or other is not null), check (up <> ''));
comment on constraint c1 on t is 'c1'; comment on column t.up is 'up'; comment on column t.st is 'st';
grant select (up), update (st) on t to case_reader; alter table t alter up set statistics 77;
insert into t (id, st, note, other) values (1, 'accepted', 'x', 'accepted'), (2, 'cancelled', 'x', 'cancelled');
create index plain on t (st);
create index partial on t (id) where st = 'pending'; comment on index partial is 'partial';
create index of_up on t (up) with (fillfactor = 77); alter table t cluster on of_up;
create index expressions on t ((st = 'accepted'), (other = st)) where many <> '{cancelled}';
alter index expressions alter column 1 set statistics 33;
create statistics stats on id, st, up from t; comment on statistics stats is 'stats';
create table f (st st primary key); alter table f cluster on f_pkey;
insert into f values ('pending'), ('accepted'), ('cancelled');
alter table t add constraint to_f foreign key (st) references f on update cascade deferrable initially deferred;
create table other (id int, s text); alter table other enable row level security;
alter table t enable row level security;
create function fn(st) returns st language sql immutable strict set search_path = app as $$ select $1 $$;
comment on function fn is 'fn'; grant execute on function fn to case_reader; revoke execute on function fn from public;
create function more(x st default 'accepted', out y st[]) language plpgsql as $$ begin y := array[x]; end $$;
create procedure pr(inout x st) language plpgsql as $$ begin x := 'accepted'; end $$;
create view v1 with (security_barrier = true) as
  select id, st, up, st = 'pending' as is_p, fn(st) as f from t where st in ('pending', 'accepted');
comment on view v1 is 'v1'; comment on column v1.is_p is 'column of v1';
grant select on v1 to case_reader with grant option; grant select (id), update (st) on v1 to case_writer;
alter view v1 alter column st set default 'accepted';
create view v2 as select v1.st, count(*) as n from v1 group by 1;
alter view v2 owner to case_owner; grant select on v2 to public;
create view v3 as select v1.*, v2.n from v1 join v2 using (st) where v1.st = any (array['pending']::st[]);
create view v4 as select id, st from t where st = 'accepted' with local check option;
create function tv() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger instead_of instead of insert on v3 for each row execute function tv();
create rule of_view as on delete to v3 do instead update t set st = 'cancelled' where id = old.id;
create policy p1 on t as restrictive for update to case_reader, case_writer using (st = 'pending')
  with check (st <> 'accepted'); comment on policy p1 on t is 'p1';
create policy "P 2; %" on other using (exists (select 1 from t where t.st = 'accepted' and t.id = other.id));
create policy p3 on other for insert with check (s = (select st::text from v1 limit 1));
create function tf() returns trigger language plpgsql as
  $$ begin if new.st = 'accepted' then new.note := 'n'; end if; return new; end $$;
create trigger tw before update on t for each row
  when (old.st is distinct from new.st and new.st = 'accepted') execute function tf();
comment on trigger tw on t is 'tw';
create trigger tu after update of st, up on t for each row execute function tf(); alter table t disable trigger tu;
create constraint trigger tc after insert on t deferrable for each row when (new.st = 'pending') execute function tf();
create rule r1 as on insert to t where new.st = 'cancelled' do also insert into other values (new.id, new.st::text);
alter table t enable always rule r1; comment on rule r1 on t is 'r1';
create table part (id int, k int, st st default 'pending', constraint pc check (st <> 'accepted'))
  partition by range (k);
create index of_part on part (id) where st = 'pending';
create table part1 partition of part for values from (0) to (10);
create table part2 (id int, k int, st st default 'accepted', constraint pc check (st <> 'accepted'));
alter table part attach partition part2 for values from (10) to (20);
alter table part1 alter st set default 'cancelled'; insert into part values (1, 1, 'pending'), (2, 11, 'cancelled');
create trigger tp before insert on part for each row when (new.st = 'pending') execute function tv();
alter table part1 disable trigger tp; create view of_part1 as select st from part1;
create table base (id int, st st default 'pending', constraint bc check (st <> 'accepted'));
create table child (x int, st st default 'cancelled', constraint bc check (st <> 'accepted')) inherits (base);
create index of_child on child (x) where st = 'pending'; insert into child (id, st) values (99, 'pending');
alter table t alter many set storage external, alter many set statistics 55, alter many set (n_distinct = 5),
  alter st set statistics 44, alter st set (n_distinct = -0.5), alter other set (n_distinct_inherited = 3);
grant insert (many), select (many) on t to case_reader with grant option; comment on column t.many is 'many';
create index of_many on t using gin (many) with (fastupdate = off); comment on index of_many is 'of_many';
alter table t alter id set not null; create unique index ident on t (id, st); comment on index ident is 'ident';
alter table t replica identity using index ident;
create statistics plain_stats on id, other from t; comment on statistics plain_stats is 'plain_stats';
alter statistics plain_stats set statistics 66; alter statistics stats set statistics 67;
create table whole (id int, many st[], constraint only_one exclude using btree (id with =) where (many <> '{pending}'));
comment on constraint only_one on whole is 'only_one';
alter table whole alter many set storage main, alter many set not null;
create table inherits_it (x int) inherits (whole); alter table only inherits_it alter many set storage external;
alter table inherits_it alter many set statistics 12; comment on column inherits_it.many is 'inherited';
create table "Odd; Schema"."T'a""b%" (st st, a st[][] default array[array['pending'::st]]);
insert into "Odd; Schema"."T'a""b%" values ('accepted', '{{pending,accepted},{cancelled,pending}}'), (null, null);
"""
SINCE_14 = """
set local search_path = app;
alter table t alter many set compression pglz; alter table only inherits_it alter many set compression pglz;
create function standard(x int) returns bigint language sql
  begin atomic select count(*) from v2 where st = 'accepted'::st or n = x; end;
create view v5 as select standard(3) as q;
create statistics stats2 on (st = 'pending'), (id + 1) from t;
"""
SINCE_15 = "create publication pb for table app.t (id, st) where (id > 3), app.f;"

CATALOGS = {
    "types": """
        select n.nspname, t.typname, pg_get_userbyid(t.typowner), t.typacl::text, obj_description(t.oid, 'pg_type')
          from pg_type t join pg_namespace n on n.oid = t.typnamespace where {schema}""",
    "columns": """
        select c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
               a.attacl::text, col_description(c.oid, a.attnum), a.attstattarget, pg_get_expr(d.adbin, d.adrelid),
               case when c.relkind not in ('i', 'I') then a.attstorage end, to_jsonb(a) ->> 'attcompression',
               a.attoptions, a.attidentity, a.attislocal, a.attinhcount,
               a.attcollation::regcollation::text, a.attfdwoptions
          from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
          left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
         where {schema} and not a.attisdropped and a.attnum > 0""",
    "relations": """
        select c.oid::regclass::text, c.relkind, c.relreplident, c.reltablespace, c.relrowsecurity,
               pg_get_userbyid(c.relowner), c.relacl::text, c.reloptions,
               obj_description(c.oid, 'pg_class'), case c.relkind when 'v' then pg_get_viewdef(c.oid) end
          from pg_class c join pg_namespace n on n.oid = c.relnamespace where {schema}""",
    "indexes": """
        select pg_get_indexdef(i.indexrelid), i.indisclustered, i.indisreplident, i.indisvalid,
               h.inhparent::regclass::text
          from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
          left join pg_inherits h on h.inhrelid = c.oid where {schema}""",
    "constraints": """
        select k.conrelid::regclass::text, k.conname, pg_get_constraintdef(k.oid), k.convalidated, k.conislocal,
               k.coninhcount, obj_description(k.oid, 'pg_constraint')
          from pg_constraint k join pg_namespace n on n.oid = k.connamespace where {schema}""",
    "policies": """
        select p.polrelid::regclass::text, p.polname, p.polpermissive, p.polroles::regrole[]::text, p.polcmd,
               pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid),
               obj_description(p.oid, 'pg_policy') from pg_policy p""",
    "triggers": """
        select g.tgrelid::regclass::text, pg_get_triggerdef(g.oid), g.tgenabled, obj_description(g.oid, 'pg_trigger')
          from pg_trigger g where not g.tgisinternal""",
    "rules": """
        select pg_get_ruledef(r.oid), r.ev_enabled, obj_description(r.oid, 'pg_rewrite')
          from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
         where {schema}""",
    "functions": """
        select p.oid::regprocedure::text, pg_get_functiondef(p.oid), pg_get_userbyid(p.proowner), p.proacl::text,
               obj_description(p.oid, 'pg_proc') from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where {schema} and p.prokind <> 'a'""",
    "statistics": """
        select pg_get_statisticsobjdef(s.oid), to_jsonb(s) ->> 'stxstattarget',
               pg_get_userbyid(s.stxowner), obj_description(s.oid, 'pg_statistic_ext')
          from pg_statistic_ext s""",
    "descriptions": "select classoid::regclass::text, count(*) from pg_description where objoid > 16384 group by 1",
    "owned": """
        select d.deptype, d.refobjid::regclass::text, d.refobjsubid, d.objid::regclass::text from pg_depend d
          join pg_class c on c.oid = d.objid and c.relkind = 'S'
         where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass""",
    "publications": "select to_jsonb(t)::text from pg_publication_tables t",
}


def build(server: DatabaseServer, url: str) -> None:
    make_roles(server.url)
    with connect(url) as connection:
        for since, text in ((13, SINCE_13), (14, SINCE_14), (15, SINCE_15)):
            if server.major >= since:
                connection.execute(text.encode())


def dump(connection: psycopg.Connection) -> list[str]:
    connection.execute("select set_config('search_path', '', false)")
    found: list[str] = []
    for catalog, query in CATALOGS.items():
        schema = "n.nspname in ('app', 'Odd; Schema')"
        rows = connection.execute(query.replace("{schema}", schema).encode()).fetchall()
        found += sorted(f"{catalog} {row}" for row in rows)
    return found


def exchange(connection: psycopg.Connection, expected: Enum) -> Composed:
    """Run the step that exchanges the type, if it can be; its `done` must tell before and after."""
    ref = ObjectRef("enum", ("app", "st"))
    empty: dict[str, dict[tuple[str, ...], object]] = {"enum": {}, "key": {}}
    difference = Difference(
        ref=ref,
        expected=expected,
        actual=Enum(values=OLD),
        wanted=empty,
        present=empty,
        schema="app",
        around=lambda one: one,
    )
    alter = CURE.alter["values"]
    assert alter is not None
    step = alter(difference)[0]
    assert step.around is not None
    connection.execute("select set_config('search_path', '', false)")
    composed = step.around.compose(dependents(connection, [step.around.address])[0])
    if not composed.stuck:
        with connection.transaction():
            assert connection.execute(f"select {step.done}".encode()).fetchone() == (False,)
            for statement in composed.sql:
                connection.execute(statement.encode())
            assert connection.execute(f"select {step.done}".encode()).fetchone() == (True,)
    return composed


def test_all_that_stands_on_an_enum_survives_its_exchange(server: DatabaseServer, database: str) -> None:
    build(server, database)
    with connect(database) as connection:
        before = dump(connection)
        composed = exchange(connection, Enum(values=NEW))
        assert composed.stuck == ""
        assert dump(connection) == before
        assert connection.execute("select st::text, many::text from app.t order by id").fetchall() == [
            ("accepted", "{pending,accepted}"),
            ("cancelled", "{pending,accepted}"),
        ]
        odd = connection.execute("""select a::text from "Odd; Schema"."T'a""b%" where st is not null""").fetchone()
        assert odd == ("{{pending,accepted},{cancelled,pending}}",)
        assert ("app", "v2") in composed.locks


def test_default_privileges_give_nobody_more_than_before(server: DatabaseServer, database: str) -> None:
    build(server, database)
    with connect(database) as connection:
        connection.execute("alter default privileges grant all on tables to case_member, public")
        connection.execute("alter default privileges in schema app grant execute on functions to case_member")
        before = [line for line in dump(connection) if not line.startswith("types")]
        exchange(connection, Enum(values=NEW))
        after = [line for line in dump(connection) if not line.startswith("types")]
        # A view that had the owner's rights alone has the same ones, but written down.
        changed = sorted(set(before) ^ set(after))
        assert all("case_member" not in line for line in changed)
        assert len(after) == len(before)


def test_what_another_session_has_compiled_goes_on(server: DatabaseServer, database: str) -> None:
    """Without a touch it fails with “cache lookup failed for type”, or that a parameter does not match its plan."""
    build(server, database)
    with connect(database) as connection, connect(database) as other:
        connection.execute(
            "create function app.named(int) returns text language plpgsql as"
            " $$ declare s app.st; begin select x.st into s from app.t x where x.id = $1; return s; end $$"
        )
        for _ in range(7):
            other.execute("select app.named(1)")
            other.execute("update app.t set note = 'y' where id = 1")
            other.execute("update app.t set st = 'accepted' where id = 1")
        exchange(connection, Enum(values=NEW))
        assert other.execute("select app.named(1)").fetchone() == ("accepted",)
        other.execute("update app.t set st = 'pending' where id = 1")
        other.execute("update app.t set st = 'accepted' where id = 1")


# Whether a function counts as one that has compiled the table, by its text.
NAMES = {
    "perform 1 from app.t;": True,
    "perform 1 from T as x;": True,
    'perform 1 from "t";': True,
    "execute 'select 1 from t';": True,
    "perform pg_catalog.count(*) from app.other; -- it is not that table": False,
    "perform t1, t_, \u0074$;": False,
    "return;": False,
}


def test_only_functions_that_name_the_table_are_touched_and_told_of(server: DatabaseServer, database: str) -> None:
    build(server, database)
    with connect(database) as connection:
        texts = {f"n{number}": text for number, text in enumerate(NAMES)}
        texts |= {"odd": 'perform "a.(b) ""c";', "near": 'perform "aX(b) ""c";'}
        for name, text in texts.items():
            function = f"create function app.{name}() returns void language plpgsql as"
            connection.execute(f"{function} $f$ begin {text}\nend $f$".encode())
        connection.execute('create table app."a.(b) ""c" (st text)')
        found = of_column(connection, "st", "false, false")
        touched = {one.name for one in found if one.sort == "function" and not one.take}
        assert touched >= {f"app.n{number}()" for number, (_, wanted) in enumerate(NAMES.items()) if wanted}
        assert not touched & {f"app.n{number}()" for number, (_, wanted) in enumerate(NAMES.items()) if not wanted}
        address = """select 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum, false, false
            from pg_catalog.pg_attribute a where a.attrelid = 'app."a.(b) ""c"'::pg_catalog.regclass and a.attnum = 1"""
        assert [one.name for one in dependents(connection, [address])[0]][1:] == ["app.odd()"]
        composed = exchange(connection, Enum(values=NEW))
    alters = [s.split()[2] for s in composed.sql if s.startswith("alter routine ") and " security " in s]
    assert alters
    assert all(name in composed.told for name in alters), composed.told


STUCK = {
    "materialized view": "create materialized view x as select st from t",
    "materialized view over a view": "create view w as select st from t; create materialized view x as select * from w",
    "domain": "create domain x as st",
    "domain over its array": "create domain x as st[]",
    "domain constraint": "create domain d as text constraint x check (value <> ('pending'::st)::text)",
    "composite type column": "create type x as (y st)",
    "range type": "create type x as range (subtype = st)",
    "aggregate": """
        create function s(st, st) returns st language sql as 'select $1';
        create aggregate x(st) (sfunc = s, stype = st)""",
    "cast": """
        create function x(st) returns int language sql as 'select 1';
        create cast (st as int) with function x(st)""",
    "operator": """
        create function o(st, text) returns bool language sql as 'select true';
        create operator === (leftarg = st, rightarg = text, function = o)""",
    "column of a partition key": "create table x (st st) partition by list (st)",
    "column of a partition key, an expression": """
        create table x (st st) partition by list ((case st when 'pending' then 1 end))""",
    "column inherited from two tables": """
        create table a (s st); create table b (s st); create table x () inherits (a, b)""",
    "column of a table whose rows another table holds": "create table x (y t)",
    "table column": "create view w as select st from t; create table x (y w)",
    "inherited column": """
        create table x (s st, g text generated always as (case s when 'pending' then '' end) stored);
        create table y (s st, g text generated always as (case s when 'pending' then '' end) stored) inherits (x)""",
    "foreign table column": """
        create foreign data wrapper w; create server s foreign data wrapper w;
        create foreign table x (y st) server s""",
}


@pytest.mark.parametrize("sort", STUCK)
def test_what_cannot_be_carried_over_is_named(sort: str, database: str) -> None:
    with connect(database) as connection:
        if sort == "inherited column" and connection.info.server_version < 160000:
            pytest.skip("a child may state the expression of its parent since PostgreSQL 16")
        connection.execute("create schema app; set search_path = app")
        connection.execute("create type st as enum ('pending', 'accepted', 'unattended', 'cancelled')")
        connection.execute("create table t (id int, st st)")
        for statement in statements(f"{STUCK[sort]};"):
            connection.execute(statement.encode())
        before = dump(connection)
        composed = exchange(connection, Enum(values=NEW))
        assert f"the {sort.partition(' over ')[0].partition(',')[0]} " in composed.stuck
        assert composed.help
        assert dump(connection) == before


def of_column(connection: psycopg.Connection, column: str, flags: str) -> tuple[Dependent, ...]:
    connection.execute("select set_config('search_path', '', false)")
    address = f"select 'pg_catalog.pg_class'::pg_catalog.regclass, a.attrelid, a.attnum, {flags}"
    where = f"a.attrelid = 'app.t'::pg_catalog.regclass and a.attname = '{column}'"
    return dependents(connection, [f"{address} from pg_catalog.pg_attribute a where {where}"])[0]


def test_of_a_column_goes_what_the_server_does_not_build_anew(server: DatabaseServer, database: str) -> None:
    build(server, database)
    with connect(database) as connection:
        alone = {one.sort for one in of_column(connection, "st", "false, false")}
        wider = {one.sort for one in of_column(connection, "st", "false, true")}
        gone = {(one.sort, one.name) for one in of_column(connection, "up", "true, true")}
    assert alone >= {"column", "default", "generated column", "policy", "rule", "trigger", "view"}
    # The check and the index of the generated column go with it.
    assert wider - alone <= {"check", "statistics", "foreign key"}
    assert gone >= {
        ("generated column", "app.t.up"),
        ("index", "app.of_up"),
        ("trigger", "tu of app.t"),
        ("view", "app.v1"),
    }
    assert ("index", "app.partial") not in gone


def test_nothing_depends_on_what_is_not_there(database: str) -> None:
    with connect(database) as connection:
        assert dependents(connection, [TYPE]) == ((),)


# Each line says what of it is easily lost when the type of `v` changes.
AROUND_A_COLUMN = r"""
create schema app; create schema "Odd; Schema"; set local search_path = app;
create table t (id int primary key, v text not null default 'x', w text generated always as (upper(v)) stored,
  constraint short check (length(v) < 30), constraint one unique (v));
comment on column t.v is 'v'; comment on column t.w is 'w'; comment on constraint short on t is 'short';
comment on constraint one on t is 'one'; grant select (v), update (v) on t to case_reader with grant option;
alter table t alter v set storage external, alter v set statistics 55, alter v set (n_distinct = 5),
  alter w set statistics 7;
create index of_v on t (v) where id > 3; comment on index of_v is 'of_v'; alter table t cluster on one;
create index upper_v on t (upper(v), (v || id)) with (fillfactor = 77); comment on index upper_v is 'upper_v';
alter index upper_v alter column 1 set statistics 33;
create unique index ident on t (v); alter table t replica identity using index ident;
create statistics stats on id, v from t; comment on statistics stats is 'stats';
alter statistics stats set statistics 66;
create view shown as select id, v from t where v <> 'y'; comment on view shown is 'shown';
comment on column shown.v is 'shown.v'; grant select (v) on shown to case_reader;
create table points (v text references t (v) on delete cascade); comment on constraint points_v_fkey on points is 'f';
alter table t enable row level security; create policy p on t using (v <> 'secret'); comment on policy p on t is 'p';
create function tf() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger tw before update of v on t for each row when (new.v <> old.v) execute function tf();
comment on trigger tw on t is 'tw'; alter table t enable always trigger tw;
create table base (v text); create table child (x int) inherits (base); alter table only child alter v set storage main;
comment on column child.v is 'child'; alter table child alter v set default 'c'; alter table child alter v set not null;
"""
COMPRESSED = "alter table app.t alter v set compression pglz; alter table only app.child alter v set compression pglz"


@pytest.mark.parametrize("type_", ["varchar(40)", "varchar"])
def test_all_that_stands_on_a_column_survives_another_type(
    server: DatabaseServer, database: str, tmp_path: Path, type_: str
) -> None:
    """But for the type itself, which texts of it name."""
    make_roles(server.url)
    with connect(database) as connection:
        connection.execute(AROUND_A_COLUMN)
        if server.major >= 14:
            connection.execute(COMPRESSED)
        before = [typeless(line) for line in dump(connection)]
        contract = tmp_path / "contract.yaml"
        contract.write_text(
            f"version: 1\nschema: app\ntables:\n  t: {{columns: {{v: {type_} not null default 'x'}}}}\n"
            f"  base: {{columns: {{v: {type_}}}}}\n  points: {{columns: {{v: {type_}}}}}\n",
            encoding="utf-8",
        )
        proposal = propose.propose(database, contract, ALL)
        records = run_plan(database, proposal)
        assert [(record.step.ref.path[1], record.outcome, record.detail) for record in records] == [
            (table, StepOutcome.APPLIED, "") for table in ("base", "points", "t")
        ]
        after = [typeless(line) for line in dump(connection)]
    assert [line for line in after if line not in before] == []
    assert [line for line in before if line not in after] == []


def typeless(line: str) -> str:
    """A line of a dump without the types, and without the casts and parentheses that hang on them."""
    line = re.sub(r"character varying(\(\d+\))?", "text", line)
    return re.sub(r"::text|[()]", "", line)
