"""Random details for pairs of schemas: what triggers, indexes, keys, views, functions and publications can have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schema_kinds import Unit, odd, one_of
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from random import Random

LAX = (" not valid", " not enforced")  # where a constraint holds nevertheless, that is no difference


def triggers(chance: Random, on: str, columns: Mapping[str, str], number: int) -> Iterator[Unit]:
    """Triggers of all sorts, and which of them and of the rules are enabled."""
    if not columns or chance.random() < 0.6:
        return
    first = identifier(next(iter(columns)))
    name = identifier(odd(chance, f"trg{number}"))
    forms = (
        f"create trigger {name} before update of {first} on {on} for each row when (new.{first} is not null)"
        " execute function touch('a', 'b''c')",
        f"create trigger {name} before update of {first} on {on} for each row execute function touch()",
        f"create trigger {name} after insert on {on} referencing new table as came for each statement"
        " execute function touch()",
        f"create constraint trigger {name} after insert or delete on {on} deferrable initially deferred for each row"
        " execute function touch()",
        f"create trigger {name} before truncate on {on} execute function touch()",
    )
    yield one_of(chance, forms)
    yield Unit(f"comment on trigger {name} on {on} is 'touches'")
    if chance.random() < 0.5:
        states = ("disable", "enable always", "enable replica")
        yield Unit(
            f"alter table {on} {chance.choice(states)} trigger {name}",
            tuple(f"alter table {on} {one} trigger {name}" for one in states),
        )


def indexes(chance: Random, on: str, columns: Mapping[str, str], number: int) -> Iterator[Unit]:
    """Indexes of all sorts, and keys that have more than columns."""
    for at, (column, type_) in enumerate(columns.items()):
        if chance.random() > 0.15:
            continue
        name, one = identifier(odd(chance, f"ix{number}{at}")), identifier(column)
        create = f"create {{}}index {name} on {on} {{}}"
        forms = [create.format("", f"({one} nulls first)"), create.format("unique ", f"({one})")]
        if type_ == "text":
            forms += [
                create.format("", f"(lower({one}), {one} text_pattern_ops)"),
                create.format("", f"using hash ({one})"),
                create.format("", f"({one} collate \"C\" desc) where {one} <> 'x'"),
            ]
        if type_ == "integer":
            forms += [create.format("", f'({one} "op; cls")'), create.format("", f"(({one} + 1)) with (fillfactor=70)")]
        if type_ == "jsonb":
            forms = [create.format("", f"using gin ({one})"), create.format("", f"using gin ({one} jsonb_path_ops)")]
        if len(columns) > 1:
            other = identifier(next(name for name in columns if name != column))
            forms.append(create.format("", f"({one}) include ({other})"))
            forms.append(create.format("unique ", f"({one}) nulls not distinct"))
        yield one_of(chance, forms)
        if chance.random() < 0.5:
            yield Unit(f"comment on index {name} is 'quick; indeed'")
    if columns and chance.random() < 0.2:
        first = identifier(next(iter(columns)))
        name = identifier(odd(chance, f"uq{number}"))
        add = f"alter table {on} add constraint {name} unique {{}}"
        forms = [
            add.format(f"({first})"),
            add.format(f"({first}) deferrable initially deferred"),
            add.format(f"nulls not distinct ({first})"),
        ]
        yield one_of(chance, forms)
        yield Unit(f"comment on constraint {name} on {on} is 'once'")


def references(chance: Random) -> Iterator[Unit]:
    """Foreign keys of all sorts, between tables of their own."""
    if chance.random() < 0.6:
        return
    name = identifier(odd(chance, "fk"))
    yield Unit("create table target (a integer, b integer, constraint target_key primary key (a, b))")
    yield Unit(
        "create table source (a integer, b integer, c integer)",
        ("create table source (a integer, b integer)", "create table source (a bigint, b integer, c integer)"),
    )
    add = f"alter table source add constraint {name} foreign key (a, b) references target{{}}"
    forms = [
        add.format(""),
        add.format(" match full"),
        add.format(" on update cascade on delete set null (b)"),
        add.format(" on delete set default deferrable initially deferred"),
        add.format(" deferrable"),
    ]
    yield one_of(chance, forms, *(add.format(end) for end in LAX))
    check = f"alter table source add constraint {identifier(odd(chance, 'chk'))} check (a < b){{}}"
    forms = [check.format(end) for end in ("", " no inherit")]
    yield one_of(chance, forms, *(check.format(end) for end in LAX))
    yield Unit(f"comment on constraint {name} on source is 'points there'")
    yield Unit("comment on column source.c is 'third'")


def more_views(chance: Random, known: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[Unit]:
    """Views with options."""
    for number, (on, columns) in enumerate(known):
        if not columns or chance.random() < 0.7:
            continue
        first = identifier(next(iter(columns)))
        name = identifier(odd(chance, f"opt{number}"))
        create = f"create view {name} {{}}as select {first} from {on} where {first} is not null{{}}"
        forms = [
            create.format("", ""),
            create.format("with (security_invoker = true) ", ""),
            create.format("", " with cascaded check option"),
            create.format("with (security_barrier, security_invoker) ", " with local check option"),
        ]
        yield one_of(chance, forms)
        yield Unit(f"comment on view {name} is 'looks'")
        yield Unit(f"comment on column {name}.{first} is 'first'")
        yield Unit(
            f"grant select ({first}) on {name} to case_bypass", (f"grant update ({first}) on {name} to case_bypass",)
        )


def more_functions(chance: Random) -> Iterator[Unit]:
    """Functions, overloads and aggregates with settings of all sorts, and who may call them."""
    if chance.random() < 0.4:
        name = identifier(odd(chance, "more"))
        head = f"create function {name}(a integer, out b text, out c integer) "
        body = " as $$ select 'x'::text, a $$"
        forms = [
            f"{head}language sql{body}",
            f"{head}language sql immutable leakproof{body}",
            f"{head}language sql set work_mem = '8MB' set search_path = public, pg_temp{body}",
            f"{head}language sql parallel restricted{body}",
            f"{head}language sql begin atomic select 'x'::text, a; end",
            f"create function {name}(a integer) returns table (b text, c integer) language sql rows 7{body}",
        ]
        yield one_of(chance, forms)
        yield Unit(f"create function {name}(a text) returns integer language sql return length(a)")
        grant = f"grant execute on function {name}(integer) to case_writer"
        yield Unit(grant, (f"{grant} with grant option", grant.replace("writer", "reader")))
        yield Unit(f"revoke execute on function {name}(integer) from public")
        yield Unit(f"comment on function {name}(integer) is 'more'")
    if chance.random() < 0.4:
        name = identifier(odd(chance, "agg2"))
        forms = [
            f"create aggregate {name}(anyelement) (sfunc = array_append, stype = anyarray, initcond = '{{}}')",
            f"create aggregate {name}(anyelement) (sfunc = array_append, stype = anyarray, parallel = safe)",
            f"create aggregate {name}(anyelement) (sfunc = array_append, stype = anyarray, finalfunc = cardinality)",
        ]
        yield one_of(chance, forms)
        yield Unit(f"comment on aggregate {name}(anyelement) is 'adds'")
        yield Unit(f"revoke execute on function {name}(anyelement) from public")
        grant = f"grant execute on function {name}(anyelement) to case_writer"
        yield Unit(grant, (f"{grant} with grant option", grant.replace("writer", "reader")))


def publications(chance: Random, known: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[Unit]:
    """Publications: what they list, which columns and rows, which operations."""
    tables = [(on, [identifier(name) for name in columns]) for on, columns in known if columns]
    settings = (
        "",
        " with (publish = 'insert, update')",
        " with (publish = 'insert', publish_via_partition_root)",
        " with (publish_generated_columns = stored)",
    )
    if tables and chance.random() < 0.4:
        name = identifier(odd(chance, "sent"))
        on, columns = chance.choice(tables)
        first = columns[0]
        create = f"create publication {name} for table {on}{{}}{chance.choice(settings)}"
        forms = [
            create.format(""),
            create.format(f" ({', '.join(columns[:2])})"),
            create.format(f" where ({first} is not null)"),
            create.format(f" ({first}) where ({first} is null)"),
            *(f"create publication {name} for table {on}{one}" for one in settings),
        ]
        yield one_of(chance, forms)
        yield Unit(f"comment on publication {name} is 'goes out'")
    if chance.random() < 0.2:
        name = identifier(odd(chance, "every"))
        every = [f"create publication {name} for all tables{one}" for one in settings]
        some = [f"create publication {name} for table {on}{one}" for on, _ in tables[:1] for one in settings]
        yield one_of(chance, [*every, *some])
    if chance.random() < 0.2:
        name = identifier(odd(chance, "whole"))
        forms = [
            f"create publication {name}{what}{one}" for what in (" for tables in schema public", "") for one in settings
        ]
        yield one_of(chance, forms)


def extended(chance: Random) -> Iterator[Unit]:
    """An extension, and a table that uses what it has."""
    if chance.random() < 0.7:
        return
    yield Unit("create extension pg_trgm")
    yield Unit("create table trigrams (a text, b text)", ("create table trigrams (a text)",))
    index = "create index trigrams_a on trigrams using {} (a {})"
    yield Unit(
        index.format("gin", "gin_trgm_ops"), (index.format("gist", "gist_trgm_ops"), index.format("btree", "text_ops"))
    )
