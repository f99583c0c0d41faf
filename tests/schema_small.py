"""Small pairs of schemas, each of which once showed a mistake that large random ones had found."""

from __future__ import annotations

from schema_pairs import Pair

_PARTED = "create table p (id integer not null{}) partition by range (id)"
KEPT = {
    # What PostgreSQL makes with a range type is no function that a contract could create, and goes with the type.
    "the constructors of a range type": Pair(('create type "a.b" as range (subtype = integer)',), ()),
    # A serial column would have a sequence of another name, or refuse null.
    "sequences that belong to columns but are none of serial": Pair(
        (
            'create sequence "own a.b"',
            "create table t (a bigint default nextval('\"own a.b\"'), b integer not null, c serial)",
            'alter sequence "own a.b" owned by t.a',
            "create sequence o",
            "alter table t alter b set default nextval('o')",
            "alter sequence o owned by t.b",
            """create table "t'""\\3" (a serial)""",
        ),
        ("create sequence o",),
    ),
    # The materialized view keeps the column of the other table as it is, which has the same name.
    "a view beside a column that stays of another type": Pair(
        (
            "create table t (a numeric(12,2))",
            "create materialized view m as select a from t",
            "create table u (a boolean)",
            "create view v as select * from u",
            "create view w as select a, count(*) as number from v group by 1",
        ),
        (
            "create table t (a text)",
            "create materialized view m as select a from t",
            "create table u (a boolean)",
            "create view v as select * from u",
            "create view w as select a from v",
        ),
    ),
    # The default of a child that is that of its parent follows it when the type changes.
    "a child with the default of a column that gets another type": Pair(
        ("create table p (x integer, a integer default 1 + 2)", "create table c (own integer) inherits (p)"),
        ("create table p (x integer, a text default '#1' not null)", "create table c (own integer) inherits (p)"),
    ),
    # The columns and checks of the parent, as it is to be and as it is, must be there before it is attached.
    "a table that lacks what its parent has": Pair(
        (
            _PARTED.format(", at date not null, note text, constraint k check (note <> '')"),
            "create table p0 partition of p for values from (0) to (10)",
        ),
        (
            _PARTED.format(", at date not null, extra integer"),
            "create table p0 (id integer not null, at date, note text)",
        ),
    ),
    # Partitioned tables are not among pg_publication_tables, but they are sent; a schema is, once it was added.
    "tables that come with all tables, or with a schema": Pair(
        (
            _PARTED.format(""),
            "create table p0 partition of p for values from (0) to (10)",
            "create publication a for all tables",
            "create publication b for tables in schema public",
            "create publication c for tables in schema public",
        ),
        (
            "create publication a for all tables",
            "create publication b for tables in schema public",
            "create publication c",
        ),
    ),
    "partitions whose bounds move together": Pair(
        (
            _PARTED.format(", constraint k primary key (id)"),
            "create table p0 partition of p for values from (0) to (10)",
            "create table p1 partition of p for values from (10) to (20)",
            "create table rest partition of p default",
            "create index i on p (id)",
            "create table r (id integer references p)",
        ),
        (
            _PARTED.format(", constraint k primary key (id)"),
            "create table p0 partition of p for values from (0) to (5)",
            "create table p1 partition of p for values from (5) to (20)",
            "create table rest partition of p default",
            "create index i on p (id)",
            "create table r (id integer references p)",
            "insert into p values (1), (11), (30)",
        ),
    ),
    # The second is in the way of the third, and of one that is to be attached, until it has its own bounds.
    "partitions that come where another one is": Pair(
        (
            _PARTED.format(""),
            "create table p0 partition of p for values from (0) to (10)",
            "create table p1 partition of p for values from (10) to (20)",
            "create table p2 partition of p for values from (20) to (maxvalue)",
        ),
        (
            _PARTED.format(""),
            "create table p0 (id integer not null)",
            "create table p1 partition of p for values from (0) to (100)",
        ),
    ),
    # PostgreSQL refuses an expression in such a list without its own parentheses, unless it is a call.
    "expressions in the lists of indexes and partition keys": Pair(
        (
            "create table t (a integer, b text, c jsonb)",
            "create index i on t ((a + 1), lower(b), (b || 'x') text_pattern_ops) where (a > 0)",
            "create index j on t ((c ->> 'a'), ((a)::text)) with (fillfactor = 70)",
            "create index k on t using gin ((c -> 'a') jsonb_path_ops)",
            "create statistics s on (a + 1), b from t",
            "create table q (a integer, b text) partition by range ((a + 1), ((b)::char(2)))",
        ),
        ("create table t (a integer, b text, c jsonb)",),
    ),
    # Which generated columns are sent is a setting of its own.
    "a publication of generated columns": Pair(
        ("create table t (a integer)", "create publication p for table t with (publish_generated_columns = stored)"),
        ("create table t (a integer)", "create publication p for table t"),
    ),
    # When the key is made anew, the foreign key could come to rest on the index, which then could not be replaced.
    "a key and an index on the columns to which a foreign key refers": Pair(
        (
            "create table t (a integer, b integer)",
            "alter table t add constraint k primary key (a)",
            "create index i on t (a) include (b)",
            "create table r (a integer references t (a))",
        ),
        (
            "create table t (a integer, b integer)",
            "alter table t add constraint k unique (a)",
            "create unique index i on t (a)",
            "create table r (a integer references t (a))",
        ),
    ),
    "an index on which a foreign key rests, and a key": Pair(
        (
            "create table t (a integer, b integer)",
            "create index i on t (a) include (b)",
            "alter table t add constraint k primary key (a)",
            "create table r (a integer references t (a))",
        ),
        (
            "create table t (a integer, b integer)",
            "create unique index i on t (a)",
            "alter table t add constraint k unique (a)",
            "create table r (a integer references t (a))",
        ),
    ),
    # It is dropped and added again in all of them, with what they have of their own on it.
    "a generated column that others inherit": Pair(
        (
            "create table p (a text, g text not null generated always as ('x' || 'y') stored)",
            "alter table p add constraint k primary key (g)",
            "create table c (own integer, constraint o check (g <> 'o')) inherits (p)",
            "create index i on c (g)",
            "alter table c alter g set statistics 5",
            "grant select (g) on c to case_reader",
            "create table d (more integer) inherits (c)",
            "create view v as select g from d",
        ),
        (
            "create table p (a text, g text not null default 'x')",
            "alter table p add constraint k primary key (g)",
            "create table c (own integer, constraint o check (g <> 'o')) inherits (p)",
            "create index i on c (g)",
            "comment on column c.g is 'kept'",
            "alter table c alter g set statistics 5",
            "grant select (g) on c to case_reader",
            "create table d (more integer) inherits (c)",
            "create view v as select g from d",
        ),
    ),
    "a generated column of a partitioned table": Pair(
        (
            "create table p (id integer, g integer generated always as (7) stored) partition by range (id)",
            "create table p0 partition of p for values from (0) to (10)",
            "create index i on p (g)",
            "create index own on p0 (g) where id > 1",
        ),
        (
            "create table p (id integer, g integer) partition by range (id)",
            "create table p0 partition of p for values from (0) to (10)",
            "create index i on p (g)",
            "create index own on p0 (g) where id > 1",
        ),
    ),
    # The generated column of the child comes with that of its parent, when the column changes its type.
    "an inherited generated column of one that gets another type": Pair(
        (
            "create table p (a bigint, g bigint generated always as (a * 2) stored)",
            "create table c (own integer) inherits (p)",
            "alter table c alter g set not null",
        ),
        (
            "create table p (a integer, g bigint generated always as (a * 2) stored)",
            "create table c (own integer) inherits (p)",
            "alter table c alter g set not null",
        ),
    ),
    # What a role was given there is of no use to it, and is stated; USAGE that came since is revoked.
    "privileges without USAGE on the schema": Pair(
        (
            "create schema s",
            "create table s.t (a integer, b text)",
            "grant all on s.t to case_writer",
            "grant select (a) on s.t to case_login",
            "create table s.u (a integer)",
            "grant select on s.u to public",
        ),
        (
            "create schema s",
            "create table s.t (a integer, b text)",
            "grant usage on schema s to case_writer",
            "grant select on s.t to case_writer with grant option",
        ),
    ),
    # What is created gets it from default privileges, or had it before.
    "privileges with the grant option": Pair(
        (
            "create table t (a integer)",
            "grant select on t to case_writer",
            "create table u (a integer)",
            "grant all on u to case_writer",
            "create sequence s",
            "grant usage on sequence s to case_writer",
            "create sequence r",
            "grant all on sequence r to case_writer",
            "create sequence q",
            "grant usage on sequence q to case_writer",
            "create schema x",
            "grant usage on schema x to case_writer",
            "create function f() returns integer language sql as 'select 1'",
            "revoke execute on function f() from public",
            "grant execute on function f() to case_writer",
            "create view v as select a from t",
            "grant select on v to case_writer",
        ),
        (
            "create sequence q",
            "grant usage, update on sequence q to case_writer with grant option",
            *(
                f"alter default privileges grant all on {sort} to case_writer with grant option"
                for sort in ("tables", "sequences", "schemas", "functions")
            ),
        ),
    ),
}
