"""Random objects for pairs of schemas beside plain tables: types before these, and what is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from random import Random

ODD = ("Weird; Table", "a.b", 'q"uote', "%s", "it's", " blank", "select", "plain", "Ünï", "x" * 50)
COLLATION = '"coll; it\'s"'


class Unit(NamedTuple):
    """One object: the statement that creates it, and others that create it differently."""

    sql: str
    variants: tuple[str, ...] = ()


class Types(NamedTuple):
    """Types that columns may have, and defaults for some of them."""

    types: dict[str, tuple[str, ...]]
    filled: list[str]  # these refuse null, so that NOT NULL says nothing


def odd(chance: Random, prefix: str) -> str:
    """A name that must be quoted, mostly; no other prefix has it."""
    return f"{prefix} {chance.choice(ODD)}"


def one_of(chance: Random, forms: Sequence[str], *drifted: str) -> Unit:
    """One of several forms of an object; any other is how it may drift, and those that none is meant to have."""
    chosen = chance.choice(forms)
    return Unit(chosen, (*(form for form in forms if form != chosen), *drifted))


def units_before(chance: Random, found: Types) -> Iterator[Unit]:
    """Types, sequences and functions that tables may use."""
    if chance.random() < 0.4:
        found.types[f"text collate {COLLATION}"] = ("'a'",)
    for number in range(chance.randrange(3)):
        base, check, other, default = chance.choice(
            (
                ("text", "value <> ''", "length(value) < 9", "'a'"),
                ("integer", "value > 0", "value between 1 and 99", "1"),
                ("numeric(8,2)", "value >= 0", "round(value) < 100", "2.50"),
            )
        )
        name = identifier(odd(chance, f"dom{number}"))
        create = f"create domain {name} as {base}"
        full = f"{create} constraint {identifier('ck ' + chance.choice(ODD))} check ({check})"
        yield Unit(
            full,
            (
                create,
                f"{full} not null",
                f"{full} default {default}",
                full.replace(check, other),
                f"{full} check ({other})",
            ),
        )
        found.types[name] = ()
        if chance.random() < 0.4:
            over = identifier(odd(chance, f"over{number}"))
            yield Unit(f"create domain {over} as {name} not null", (f"create domain {over} as {name}",))
            found.types[over] = ()
            found.filled.append(over)
    for number in range(chance.randrange(2)):
        name = identifier(odd(chance, f"comp{number}"))
        inner = chance.choice([one for one in found.types if "collate" not in one] or ["text"])
        full = f"create type {name} as (a integer, {identifier('b ' + chance.choice(ODD))} {inner}, c text)"
        used = chance.random() < 0.5
        # PostgreSQL does not change the type of an attribute where a table has a column of the type.
        yield Unit(full, (full.replace(", c text", ""), *(() if used else (full.replace("a integer", "a bigint"),))))
        if used:
            found.types[name] = ()
    for number in range(chance.randrange(2)):
        name = identifier(odd(chance, f"rng{number}"))
        subtype, other = chance.choice(
            (
                ("integer", "smallint"),
                ("bigint", "integer"),
                ("text", 'text, collation = "C"'),
                ('text, collation = "C"', "text"),
                ("float8", "real"),
            )
        )
        create = f"create type {name} as range (subtype = {{}})"
        yield Unit(create.format(subtype), (create.format(other),))
        yield Unit(f"comment on type {name} is 'from to'")
        found.types[name] = ("null",)
    for number in range(chance.randrange(2)):
        name = identifier(odd(chance, f"seq{number}"))
        create = f"create sequence {name}"
        yield Unit(
            f"{create} as integer start 10 increment 2 cache 3",
            (create, f"{create} as integer cycle maxvalue 1000", f"{create} start 10 increment 2"),
        )
        found.types["bigint  "] = (f"nextval({literal(name)})",)
    if chance.random() < 0.5:
        name = identifier(odd(chance, "imm"))
        create = f"create function {name}(a integer) returns integer language sql immutable as $$ select a + {{}} $$"
        yield Unit(create.format(1), (create.format(2), create.format(1).replace(" immutable", " stable")))
        found.types["integer "] = (f"{name}(1)",)


def units_on(chance: Random, on: str, columns: Mapping[str, str], number: int) -> Iterator[Unit]:
    """What is on a table beside keys, checks, indexes and policies."""
    names = [*columns]
    if len(names) > 1 and chance.random() < 0.3:
        plain = [name for name in names if columns[name].split("(")[0].strip() in {"integer", "bigint", "text", "date"}]
        if len(plain) > 1:
            a, b = (identifier(name) for name in chance.sample(plain, 2))
            name = identifier(odd(chance, f"st{number}"))
            yield Unit(
                f"create statistics {name} (dependencies) on {a}, {b} from {on}",
                (
                    f"create statistics {name} on {b}, {a} from {on}",
                    f"create statistics {name} (ndistinct, mcv) on {a}, {b} from {on}",
                ),
            )
            if chance.random() < 0.4:
                yield Unit(f"alter statistics {name} set statistics 50")
    for name, type_ in columns.items():
        if chance.random() < 0.1 and type_ in {"integer", "text", "date"}:
            label = identifier(odd(chance, f"ex{number}"))
            add = f"alter table {on} add constraint {label} exclude using btree ({identifier(name)} with =)"
            yield Unit(add, (f"{add} where ({identifier(name)} is not null)", f"{add} deferrable"))
    if chance.random() < 0.3:
        name = identifier(odd(chance, f"rule{number}"))
        rule = f"create rule {name} as on {{}} to {on} do {{}}"
        yield Unit(
            rule.format("delete", "instead nothing"),
            (rule.format("delete", "also nothing"), rule.format("update", "instead nothing")),
        )
        if chance.random() < 0.4:
            yield one_of(chance, [f"alter table {on} {one} rule {name}" for one in ("disable", "enable always")])
        yield Unit(f"comment on rule {name} on {on} is 'instead'")
    if chance.random() < 0.3:
        yield Unit(
            f"alter table {on} set (fillfactor = 70, autovacuum_enabled = false)",
            (f"alter table {on} set (fillfactor = 80)",),
        )
    if chance.random() < 0.2:
        yield Unit(f"alter table {on} replica identity full", (f"alter table {on} replica identity nothing",))
    if names and chance.random() < 0.4:
        said = f"comment on column {on}.{identifier(chance.choice(names))} is {{}}"
        yield Unit(said.format("'what it''s: 100 %'"), (said.format("'other'"),))
    if chance.random() < 0.3:
        yield Unit(f"comment on table {on} is 'two\nlines'", (f"comment on table {on} is 'two'",))
    if names and chance.random() < 0.3:
        yield Unit(
            f"grant select ({identifier(names[0])}), update ({identifier(names[-1])}) on {on} to case_bypass",
            (f"grant select ({identifier(names[-1])}) on {on} to case_bypass",),
        )


def partitioned(chance: Random) -> Iterator[Unit]:
    """A partitioned table, its partitions, and what is on them."""
    if chance.random() < 0.5:
        return
    name = odd(chance, "parts")
    on = identifier(name)
    create = f"create table {on} (id integer not null, {identifier('at')} date not null, note text{{}})"
    by = chance.choice(("range", "list", "hash"))
    yield Unit(
        f"{create.format('')} partition by {by} (id)",
        (
            f"{create.format(', extra integer')} partition by {by} (id)",
            f"{create.format('').replace(', note text', '')} partition by {by} (id)",
        ),
    )
    bounds = {
        "range": ("from (0) to (10)", "from (10) to (20)", "from (20) to (maxvalue)"),
        "list": ("in (1, 2)", "in (3)", "in (4, 5)"),
        "hash": ("with (modulus 3, remainder 0)", "with (modulus 3, remainder 1)", "with (modulus 3, remainder 2)"),
    }[by]
    parts = [f"{name[:40]} {at}" for at in range(chance.randrange(1, 4))]
    others = {"range": "from (100) to (200)", "list": "in (7, null)", "hash": "with (modulus 6, remainder 5)"}[by]
    alone = "(id integer not null, at date not null, note text)"
    for at, part in enumerate(parts):
        create = f"create table {identifier(part)} {{}}"
        yield Unit(
            create.format(f"partition of {on} for values {bounds[at]}"),
            (
                create.format(f"partition of {on} for values {others}"),
                create.format(alone),
                f"{create.format(alone)}; comment on table {identifier(part)} is 'not yet'",
            ),
        )
        if chance.random() < 0.2:
            yield Unit(f"comment on table {identifier(part)} is 'part'")
    if chance.random() < 0.3 and by != "hash":
        below = f"{name[:40]} below"
        apart = {"range": "from (-9) to (0)", "list": "in (-1)"}[by]
        yield Unit(f"create table {identifier(below)} partition of {on} for values {apart} partition by list (id)")
        yield Unit(
            f"create table {identifier(below[:50] + ' a')} partition of {identifier(below)} for values in (-1, -5)",
            (f"create table {identifier(below[:50] + ' a')} partition of {identifier(below)} for values in (-1)",),
        )
    if by != "hash" and chance.random() < 0.5:
        yield Unit(f"create table {identifier(f'{name[:40]} rest')} partition of {on} default")
    if chance.random() < 0.5:
        key = f"alter table {on} add constraint {identifier(f'{name[:40]} key')} {{}} (id)"
        yield Unit(key.format("primary key"), (key.format("unique"),))
    if chance.random() < 0.5:
        index = f"create index {identifier(f'{name[:40]} i')} on {on} ({{}})"
        yield Unit(index.format("at"), (index.format("at desc"),))
    if chance.random() < 0.3:
        yield Unit(f"alter table {on} add constraint {identifier(f'{name[:40]} ck')} check (note <> '')")
    if chance.random() < 0.3:
        yield Unit(f"alter table {identifier(parts[0])} alter note set default 'its own'")
    if chance.random() < 0.3:
        yield Unit(f"grant select on {on} to case_reader", (f"grant insert on {on} to case_reader",))


def elsewhere(chance: Random) -> Iterator[Unit]:
    """Objects of a second schema, and some of the first that refer to them."""
    if chance.random() < 0.6:
        return
    schema = f"create schema {OTHER}; grant usage on schema {OTHER} to case_reader"
    yield Unit(schema, (f"create schema {OTHER}", schema.replace("reader", "writer").replace("usage", "usage, create")))
    yield Unit(f"create type {OTHER}.sort as enum ('a', 'b')", (f"create type {OTHER}.sort as enum ('a')",))
    table = f"create table {OTHER}.things (id integer primary key, kind {OTHER}.sort default 'a', during int4range{{}})"
    yield Unit(table.format(""), (table.format(", more text"), table.replace("default 'a'", "not null").format("")))
    exclude = f"alter table {OTHER}.things add constraint apart exclude using gist (during with {{}})"
    yield Unit(exclude.format("&&"), (exclude.format("="), f"{exclude.format('&&')} deferrable initially deferred"))
    body = f"returns {OTHER}.things language sql stable as $$ select t from {OTHER}.things t where id = {{}} $$"
    yield Unit(
        f"create function {OTHER}.first() {body.format(1)}", (f"create function {OTHER}.first() {body.format(2)}",)
    )
    refer = (
        "create table pointing (thing integer, constraint pointing_fk foreign key (thing) references {}.things (id){})"
    )
    yield Unit(refer.format(OTHER, ""), (refer.format(OTHER, " on delete set null"),))
    view = f"create view over_there as select t.id, t.kind from {OTHER}.things t {{}}"
    yield Unit(view.format("join pointing p on p.thing = t.id"), (view.format(""),))
    comment = f"comment on table {OTHER}.things is {{}}"
    yield Unit(comment.format("'one'"), (comment.format("'two'"),))


def inheriting(chance: Random, on: str, number: int) -> Iterator[Unit]:
    """A table that inherits from another."""
    if chance.random() < 0.15:
        child = identifier(odd(chance, f"child{number}"))
        create = f"create table {child} ({{}}) inherits ({on})"
        yield Unit(create.format("own_one integer, own_two text"), (create.format("own_one integer"),))


def units_after(chance: Random, tables: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[Unit]:
    """What is made of tables: functions over them, materialized views, publications, event triggers, comments."""
    known = [(identifier(name), columns) for name, columns in tables]
    for number, (on, columns) in enumerate(known):
        if not columns:
            continue
        first = identifier(next(iter(columns)))
        yield from _functions(chance, on, first, number)
        if chance.random() < 0.4:
            name = identifier(odd(chance, f"mv{number}"))
            create = f"create materialized view {name} as select {{}} from {on}"
            yield Unit(
                create.format(f"{first}, 1 as one"),
                (create.format(f"{first}, 2 as one"), create.format(f"1 as one, {first}")),
            )
            index = f"create index {identifier(odd(chance, f'mvi{number}'))} on {name} ({{}})"
            yield Unit(index.format("one"), (index.format("one desc"),))
            over = identifier(odd(chance, f"vmv{number}"))
            yield Unit(
                f"create view {over} as select one from {name}",
                (f"create view {over} as select one + 1 as one from {name}",),
            )
            if chance.random() < 0.5:
                yield Unit(f"comment on materialized view {name} is 'kept'")
            yield Unit(f"grant select on {name} to case_reader")
    yield from _servers(chance)
    yield from _aggregates(chance)
    if known and chance.random() < 0.4:
        name, chosen = identifier(odd(chance, "pub")), chance.sample(known, min(2, len(known)))
        listed = [on for on, _ in chosen]
        yield Unit(
            f"create publication {name} for table {', '.join(listed)}",
            (f"create publication {name} for table {listed[0]}",),
        )
    if chance.random() < 0.4:
        yield Unit(
            "create function on_ddl() returns event_trigger language plpgsql as $$ begin null; end $$",
            ("create function on_ddl() returns event_trigger language plpgsql as $$ begin raise notice 'x'; end $$",),
        )
        name = identifier(odd(chance, "evt"))
        create = f"create event trigger {name} on ddl_command_end {{}} execute function on_ddl()"
        yield Unit(
            create.format("when tag in ('CREATE TABLE')"),
            (create.format(""), create.format("when tag in ('DROP TABLE', 'CREATE VIEW')")),
        )
        if chance.random() < 0.4:
            yield one_of(chance, [f"alter event trigger {name} {one}" for one in ("disable", "enable always")])
        yield Unit(f"comment on event trigger {name} is 'heard'")


def _functions(chance: Random, on: str, first: str, number: int) -> Iterator[Unit]:
    if chance.random() < 0.4:
        name = identifier(odd(chance, f"rows{number}"))
        body = f"returns setof {on} language sql stable as $$ select * from {on} {{}} $$"
        yield Unit(
            f"create function {name}() {body.format('')}",
            (f"create function {name}() {body.format('limit 1')}",),
        )
        revoke = f"revoke execute on function {name}() from public"
        yield Unit(revoke, (f"{revoke}; grant execute on function {name}() to case_reader",))
    if chance.random() < 0.4:
        name = identifier(odd(chance, f"fn{number}"))
        create = f"create function {name}(a integer default 1, variadic b text[] default '{{{{}}}}') returns {{}}"
        rest = " language plpgsql strict security definer set search_path to '' as $$ begin return null; end $$"
        yield Unit(
            create.format("text") + rest,
            (
                create.format("text") + rest.replace(" strict", ""),
                create.format("text") + rest.replace("plpgsql", "plpgsql parallel safe cost 7"),
                create.format("varchar") + rest,
                create.format("text").replace("default 1", "default 2") + rest,
            ),
        )
        yield Unit(f"comment on function {name}(integer, text[]) is 'it''s one'")
        if chance.random() < 0.6:
            view = identifier(odd(chance, f"vf{number}"))
            yield Unit(
                f"create view {view} as select {name}(1, 'a') as called, {first} from {on}",
                (f"create view {view} as select {name}(2, 'a') as called, {first} from {on}",),
            )
    if chance.random() < 0.3:
        name = identifier(odd(chance, f"proc{number}"))
        create = f"create procedure {name}(inout a {{}}) language plpgsql as $$ begin a := {{}}; end $$"
        yield Unit(create.format("integer", 1), (create.format("integer", 2),))


def _aggregates(chance: Random) -> Iterator[Unit]:
    if chance.random() < 0.3:
        create = f"create aggregate {identifier(odd(chance, 'agg'))}(integer) (sfunc = int4pl, stype = integer{{}})"
        yield Unit(create.format(", initcond = '0'"), (create.format(", initcond = '1'"), create.format("")))


def _servers(chance: Random) -> Iterator[Unit]:
    if chance.random() < 0.7:
        return
    name, table = identifier(odd(chance, "srv")), identifier(odd(chance, "ft"))
    server = f"create server {name} foreign data wrapper pair_wrapper"
    yield Unit(f"{server} options (host 'a', port '5')", (server, f"{server} options (host 'b')"))
    create = f"create foreign table {table} (a integer, b text{{}}) server {name}"
    yield Unit(
        f"{create.format(' not null')} options (k 'v')",
        (create.format(""), f"{create.format(', c date')} options (k 'w')"),
    )


OTHER = '"Other; schema"'
# What no contract can make: of these it says that they exist, and no more.
SETUP = (
    "create foreign data wrapper pair_wrapper",
    f"create collation {COLLATION} (locale = 'C')",
    'create operator class "op; cls" for type integer using btree as operator 1 <, operator 2 <=, operator 3 =,'
    " operator 4 >=, operator 5 >, function 1 btint4cmp(integer, integer)",
)
