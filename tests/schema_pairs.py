"""Random pairs of schemas: one as it should be, and one that drifted from it.

A schema is a list of units, each of them the statement that creates one object. The drifted one lacks some units, has
others in a variant, and has some of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import schema_access as access
import schema_details as details
from schema_kinds import SETUP, Types, Unit, elsewhere, inheriting, partitioned, units_after, units_before, units_on
from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from random import Random

NAMES = (
    *("orders", "items", "people", "Mixed", "select", "Weird; Table", "a.b", "ünï", 'q"uote', "%s", "it's", " blank"),
    *("x" * 63, "user", "100", "yes", "tab\tbed"),
)
COLUMNS = ("id", "state", "total", "Note", "made at", "order", "a.b", "%(x)s", "naïve", "key")
TYPES = {
    "integer": ("0", "42", "(1 + 2)"),
    "bigint": ("0", "'9'::bigint"),
    "numeric(12,2)": ("0", "9.50"),
    "text": ("'a'", "'it''s: #1'", "lower('A')", "('a' || 'b')"),
    "varchar(20)": ("'a'", "'x'::varchar"),
    "boolean": ("false", "(not false)"),
    "timestamptz": ("now()", "'2024-01-01 00:00:00+00'"),
    "date": ("current_date", "'2024-02-29'"),
    "jsonb": ("'{}'", "'{\"a\": [1, 2]}'"),
    "uuid": ("gen_random_uuid()",),
    "text[]": ("'{}'", "array['a', 'b']"),
    "interval": ("'1 day'",),
    "char(3)": ("'abc'",),
    "double precision": ("0", "1.5"),
    "int4range": ("'empty'", "'[1,5)'"),
}
ZONED = {"timestamptz"}  # to turn values of it needs a time zone, which a person must name
CHECKS = {
    "integer": ("{} > 0", "{} between 1 and 9", "{} in (1, 2, 3) or {} is null", "not ({} = 5 and {} > 3)"),
    "bigint": ("{} >= 0", "{} % 2 = 0"),
    "numeric(12,2)": ("{} >= 0", "round({}, 1) < 100"),
    "text": ("{} <> ''", "{} in ('a', 'b')", "length({}) < 10 and {} not like '%x'", "lower({}) = {}"),
    "varchar(20)": ("{} <> ''", "{} in ('a', 'b', 'c')"),
    "boolean": ("{} or not {}", "{} is not null"),
    "timestamptz": ("{} > '2020-01-01'", "{} is not null"),
}
FUNCTION = "create function {name}() returns trigger language plpgsql as $f$ begin {body} return new; end $f$"


@dataclass(slots=True)
class _Table:
    name: str
    columns: dict[str, str] = field(default_factory=dict[str, str])
    key: tuple[str, ...] = ()


class Pair(NamedTuple):
    """The statements of both; those of the drifted one may fail, where they need what it lacks.

    `members` and `drifted_members` are about the memberships of roles, which both have in common.
    """

    wanted: tuple[str, ...]
    drifted: tuple[str, ...]
    members: tuple[str, ...] = ()
    drifted_members: tuple[str, ...] = ()


def pair(chance: Random, *, most: int) -> Pair:
    """Make a random pair, of at most so many tables beside partitioned ones."""
    tables: list[_Table] = []
    units = list(_units(chance, tables, most))
    drifted = [*_drifted(chance, units), *_own(chance)]
    known = [(table.name, table.columns) for table in tables]
    members = list(access.memberships(chance))
    named = [unit.sql for unit in access.named_roles(chance)]
    views = [*_views(chance, tables), *units_after(chance, known), *_details_after(chance, tables)]
    return Pair(
        (*SETUP, *named, *(unit.sql for unit in (*units, *views))),
        (*SETUP, *named, *drifted, *_drifted(chance, views)),
        (*access.NO_MEMBERS, *(unit.sql for unit in members)),
        (*access.NO_MEMBERS, *_drifted(chance, members)),
    )


def _details_after(chance: Random, tables: Iterable[_Table]) -> Iterator[Unit]:
    known = [(identifier(table.name), table.columns) for table in tables]
    yield from details.more_views(chance, known)
    yield from details.publications(chance, known)
    yield from access.default_privileges(chance)


def _drifted(chance: Random, units: Iterable[Unit]) -> Iterator[str]:
    for unit in units:
        what = chance.random()
        if what >= 0.15:
            yield chance.choice(unit.variants) if unit.variants and what < 0.4 else unit.sql


def _own(chance: Random) -> Iterator[str]:
    if chance.random() < 0.5:
        yield "create table only_here (n integer)"
        yield "create type only_there as enum ('a')"


def _units(chance: Random, tables: list[_Table], most: int) -> Iterator[Unit]:
    enums = chance.sample(("mood", "Order State", "e.num"), chance.randrange(3))
    for name in enums:
        yield _enum(chance, name)
    for name in ("touch", 'Touch "2"')[: chance.randrange(3)]:
        yield Unit(
            FUNCTION.format(name=identifier(name), body=""),
            (FUNCTION.format(name=identifier(name), body="raise notice 'x';"),),
        )
    privileged = list(access.default_privileges(chance))
    yield from privileged
    beside = Types({}, [])
    yield from units_before(chance, beside)
    for name in chance.sample(NAMES, chance.randint(1, most)):
        table = _Table(name)
        yield _create(chance, table, enums, beside)
        tables.append(table)
    for number, table in enumerate(tables):
        yield from _on(chance, table, tables)
        on = identifier(table.name)
        yield from units_on(chance, on, table.columns, number)
        yield from details.triggers(chance, on, table.columns, number)
        yield from details.indexes(chance, on, table.columns, number)
        yield from access.access(chance, on, table.columns, number)
        yield from inheriting(chance, identifier(table.name), number)
    yield from partitioned(chance)
    yield from elsewhere(chance)
    yield from details.references(chance)
    yield from details.more_functions(chance)
    if not privileged:
        yield from details.extended(chance)
    yield from access.sequence_access(chance)


def _enum(chance: Random, name: str) -> Unit:
    values = chance.sample(("a", "b", "it's", "Ü", "x y", "null"), chance.randrange(1, 5))
    create = f"create type {identifier(name)} as enum ({{}})"
    others = [values[:-1], values[1:], [values[-1], *values[1:-1]]] if len(values) > 1 else []
    return Unit(
        create.format(", ".join(map(literal, values))),
        tuple(create.format(", ".join(map(literal, other))) for other in others),
    )


def _create(chance: Random, table: _Table, enums: list[str], beside: Types) -> Unit:
    defaults = {**TYPES, **beside.types}
    types = [*TYPES, *map(identifier, enums), *beside.types, *beside.types]
    for name in chance.sample(COLUMNS, chance.randrange(len(COLUMNS) - 3)):
        table.columns[name] = chance.choice(types)
    lines = [_column(chance, name, type_, defaults, beside.filled) for name, type_ in table.columns.items()]
    create = f"create {chance.choice(('', '', '', 'unlogged '))}table {identifier(table.name)} ({{}})"
    variants: list[str] = []
    if len(lines) > 1:
        variants.append(create.format(", ".join(lines[:-1])))
        changed = [*lines]
        place = chance.randrange(len(lines))
        name = [*table.columns][place]
        changed[place] = _column(
            chance,
            name,
            chance.choice((table.columns[name], *(("text",) if table.columns[name] not in ZONED else ()))),
            defaults,
            beside.filled,
        )
        variants.append(create.format(", ".join(changed)))
    variants.append(create.format(", ".join([*lines, '"only here" integer default 1'])))
    return Unit(create.format(", ".join(lines)), tuple(variants))


def _column(
    chance: Random, name: str, type_: str, defaults: Mapping[str, tuple[str, ...]], filled: Collection[str]
) -> str:
    line = f"{identifier(name)} {type_}"
    if type_ in {"integer", "bigint"} and chance.random() < 0.2:
        options = chance.choice(("", " (start with 10 increment by 5)", " (maxvalue 1000 cycle)"))
        return f"{line} generated {chance.choice(('always', 'by default'))} as identity{options}"
    if defaults.get(type_) and chance.random() < 0.4:
        line += f" default {chance.choice(defaults[type_])}"
    elif type_ == "text" and chance.random() < 0.2:
        return f"{line} generated always as ('x' || 'y') stored"
    if type_ in {"text", "varchar(20)"} and chance.random() < 0.15:
        line = line.replace(type_, f'{type_} collate "C"', 1)
    return f"{line} not null" if chance.random() < 0.4 and type_ not in filled else line


def _on(chance: Random, table: _Table, tables: list[_Table]) -> Iterator[Unit]:
    on, columns = identifier(table.name), list(table.columns)
    add = f"alter table {on} add constraint {{}} {{}}"
    if not columns:
        yield from _access(chance, table)
        return
    if chance.random() < 0.8:
        table.key = tuple(chance.sample(columns, min(len(columns), chance.choice((1, 1, 2)))))
        listed = ", ".join(map(identifier, table.key))
        name = identifier(chance.choice(("pk", f"{table.name[:40]}_pkey", "The Key")) + str(tables.index(table)))
        yield Unit(add.format(name, f"primary key ({listed})"), (add.format(name, f"unique ({listed})"),))
    if chance.random() < 0.4:
        one = identifier(chance.choice(columns))
        more = identifier(chance.choice(columns))
        both = f"{one}, {more}" if one != more else one
        yield Unit(
            add.format(f'"u{tables.index(table)}"', f"unique ({both})"),
            (add.format(f'"u{tables.index(table)}"', f"unique ({one}) deferrable"),),
        )
    for number, (name, type_) in enumerate(table.columns.items()):
        if type_ in CHECKS and chance.random() < 0.4:
            texts = [text.replace("{}", identifier(name)) for text in CHECKS[type_]]
            first, second = chance.sample(texts, 2)
            label = identifier(f"c {number} of {table.name[:20]}")
            yield Unit(
                add.format(label, f"check ({first})"),
                (add.format(label, f"check ({second})"), add.format(label, f"check ({first}) not valid")),
            )
    for other in tables:
        if len(other.key) == 1 and chance.random() < 0.5:
            fits = [name for name in columns if table.columns[name] == other.columns[other.key[0]]]
            if fits:
                name, target = identifier(f"fk{tables.index(other)} {table.name[:20]}"), identifier(other.name)
                refer = f"foreign key ({identifier(fits[0])}) references {target} ({identifier(other.key[0])})"
                yield Unit(
                    add.format(name, f"{refer} on delete cascade"),
                    (add.format(name, refer), add.format(name, f"{refer} on delete cascade not valid")),
                )
    for number in range(chance.randrange(3)):
        chosen = chance.choice(columns)
        one = identifier(chosen)
        create = f"create {{}}index {identifier(f'i{number} {table.name[:30]}')} on {on} ({{}})"
        yield Unit(
            create.format("", one) + chance.choice(("", f" where {one} is not null")),
            (create.format("unique ", one), create.format("", f"{one} desc")),
        )
    if chance.random() < 0.4:
        trigger = (
            f"create trigger {identifier(f't {table.name[:20]}')} {{}} on {on} for each row execute function touch()"
        )
        yield Unit(trigger.format("before update"), (trigger.format("before insert or update"),))
    yield from _access(chance, table)


def _access(chance: Random, table: _Table) -> Iterator[Unit]:
    on = identifier(table.name)
    if chance.random() < 0.5:
        force = f"; alter table {on} force row level security" if chance.random() < 0.3 else ""
        yield Unit(f"alter table {on} enable row level security{force}")
        policy = f'create policy "may see" on {on} for select to case_reader using ({{}})'
        yield Unit(policy.format("true"), (policy.format("false"), policy.format("1 = 1 and (not false)")))
    for role in ("case_reader", "case_writer"):
        if chance.random() < 0.4:
            yield Unit(f"grant select, insert on {on} to {role}", (f"grant update on {on} to {role}",))


def _views(chance: Random, tables: Iterable[_Table]) -> Iterator[Unit]:
    """Views over tables, and views over these."""
    for number, table in enumerate(tables):
        columns = [identifier(name) for name in table.columns]
        if not columns or chance.random() < 0.3:
            continue
        name, on = identifier(f"v{number} {table.name[:30]}"), identifier(table.name)
        chosen = chance.sample(columns, min(len(columns), chance.randrange(1, 4)))
        listed, where = ", ".join(chosen), f"where {chosen[0]} is not null"
        yield Unit(
            f"create view {name} as select {chance.choice((listed, '*'))} from {on}",
            (
                f"create view {name} as select {listed} from {on} {where}",
                f"create view {name} as select {', '.join(reversed(chosen))} from {on}",
                f'create view {name} as select {chosen[0]}::text as "as text", {listed} from {on}',
                f"create view {name} with (security_barrier) as select {listed} from {on}",
            ),
        )
        yield Unit(f"grant select on {name} to case_reader", (f"grant select, insert on {name} to case_reader",))
        over = identifier(f"w{number} {table.name[:30]}")
        yield Unit(
            f"create view {over} as select {chosen[0]}, count(*) as number from {name} group by 1",
            (f"create view {over} as select {chosen[0]} from {name}",),
        )
