"""Databases of any size, the contracts that describe them, and the drift that is put into them.

All is a function of the number of tables: two runs make the same databases. Tables look alike but are not the same:
checks, policies and many defaults and lengths differ from table to table, as they do in real databases, so that
nobody gains from remembering the table before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE = "bench_member"
TABLES_IN_A_BATCH = 200

PREAMBLE = f"""
do $$ begin
  if not exists (select from pg_roles where rolname = '{ROLE}') then create role {ROLE} nologin; end if;
end $$;
create type bench_status as enum ('new', 'active', 'on hold', 'closed');
create function bench_touch() returns trigger language plpgsql as
  $$ begin new.updated_at := now(); return new; end $$;
"""
# Written as PostgreSQL prints it, as are all expressions below.
TOP_OF_CONTRACT = """\
version: 1
schema: public

enums:
  bench_status: [new, active, on hold, closed]

functions:
  bench_touch(): |
    returns trigger
     LANGUAGE plpgsql
    AS $function$ begin new.updated_at := now(); return new; end $function$

tables:
"""


@dataclass(frozen=True, slots=True)
class Table:
    """The table of one number; the parts of it as pairs of a name and what PostgreSQL prints for it."""

    number: int

    @property
    def name(self) -> str:
        """The table's name."""
        return f"t_{self.number:05}"

    @property
    def columns(self) -> dict[str, str]:
        """What follows each column's name."""
        number = self.number
        return {
            "id": "uuid not null default gen_random_uuid()",
            "parent_id": "uuid",
            "owner_id": "uuid not null",
            "title": "text not null",
            "code": f"character varying({20 + number % 60}) not null",
            "status": "public.bench_status not null default 'new'::public.bench_status",
            "amount": "numeric(12,2) not null default 0",
            "quantity": f"integer not null default {number % 100}",
            "data": "jsonb not null default '{}'::jsonb",
            "active": "boolean not null default true",
            "created_at": "timestamp with time zone not null default now()",
            "updated_at": "timestamp with time zone",
        }

    @property
    def constraints(self) -> dict[str, str]:
        """Keys, foreign keys and the check."""
        return {
            f"{self.name}_pkey": "primary key (id)",
            self.parent_key: f"{self.parent_reference} on delete cascade",
            f"{self.name}_owner_id_fkey": f"foreign key (owner_id) references {Table(self.number // 3).name} (id)",
            self.check: f"check (((amount >= (0)::numeric) AND (quantity <> {self.number + 1000})))",
        }

    @property
    def parent_key(self) -> str:
        """The name of the foreign key that may drift."""
        return f"{self.name}_parent_id_fkey"

    @property
    def parent_reference(self) -> str:
        """That foreign key without its action."""
        return f"foreign key (parent_id) references {Table(self.number // 2).name} (id)"

    @property
    def check(self) -> str:
        """The name of the check."""
        return f"{self.name}_amount_check"

    @property
    def indexes(self) -> dict[str, str]:
        """What follows USING of each index."""
        return {
            self.listing: "btree (status, created_at DESC)",
            f"{self.name}_title_idx": "btree (lower(title)) WHERE (active AND (updated_at IS NOT NULL))",
        }

    @property
    def listing(self) -> str:
        """The name of the index that may drift."""
        return f"{self.name}_listing_idx"

    @property
    def reading(self) -> str:
        """The name of the policy for select."""
        return f"{self.name} may be read"

    @property
    def readable(self) -> str:
        """Its expression."""
        return f"((active AND (quantity < {self.number + 500})) OR (status = 'active'::public.bench_status))"

    @property
    def writing(self) -> str:
        """The name of the policy for all commands."""
        return f"{self.name} may be written"

    @property
    def writable(self) -> str:
        """Its expression."""
        return f"((owner_id = (current_setting('bench.user_{self.number}'::text, true))::uuid) AND active)"

    @property
    def trigger(self) -> str | None:
        """The name of the trigger, which every third table has."""
        return f"{self.name}_touch" if self.number % 3 == 0 else None


def creation(tables: range) -> Iterator[str]:
    """The database as it should be, in texts of many statements, each for one `execute`."""
    yield PREAMBLE
    for start in range(0, len(tables), TABLES_IN_A_BATCH):
        yield "\n".join(_create(Table(number)) for number in tables[start : start + TABLES_IN_A_BATCH])


def _create(table: Table) -> str:
    parts = [f"{name} {definition}" for name, definition in table.columns.items()]
    parts += [f"constraint {name} {definition}" for name, definition in table.constraints.items()]
    statements = [
        f"create table {table.name} ({', '.join(parts)})",
        *(f"create index {name} on {table.name} using {definition}" for name, definition in table.indexes.items()),
        f"alter table {table.name} enable row level security",
        f'create policy "{table.reading}" on {table.name} for select to {ROLE} using {table.readable}',
        f'create policy "{table.writing}" on {table.name} to {ROLE} using {table.writable} with check {table.writable}',
    ]
    if table.trigger:
        statements.append(
            f"create trigger {table.trigger} before update on {table.name} for each row execute function bench_touch()"
        )
    return ";\n".join(statements) + ";"


def contract(tables: range) -> str:
    """The contract of the database as it should be: one line for each object, expressions as PostgreSQL prints them."""
    return TOP_OF_CONTRACT + "".join(_declare(Table(number)) for number in tables)


def _declare(table: Table) -> str:
    policies = {
        table.reading: f'{{for: select, to: [{ROLE}], using: "{table.readable}"}}',
        table.writing: f'{{for: all, to: [{ROLE}], using: "{table.writable}", check: "{table.writable}"}}',
    }
    sections = {
        "columns": table.columns,
        "constraints": table.constraints,
        "indexes": {name: f"using {definition}" for name, definition in table.indexes.items()},
        "policies": policies,
    }
    if table.trigger:
        sections["triggers"] = {table.trigger: "before update for each row execute function public.bench_touch()"}
    lines = [f"  {table.name}:", "    row_security: enabled"]
    for section, objects in sections.items():
        lines.append(f"    {section}:")
        lines += [f"      {name}: {definition}" for name, definition in objects.items()]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that is changed behind the contract's back, and the one finding that must come of it."""

    statement: str
    rule: str
    object: str


def drifts(tables: range) -> list[Drift]:
    """One drift for each of one table in a hundred, at least one, of another sort each time."""
    step = 100 if len(tables) >= 100 else max(len(tables), 1)
    return [drift(Table(tables[place]), sort) for sort, place in enumerate(range(step // 2, len(tables), step))]


def drift(table: Table, sort: int) -> Drift:
    """What can happen to a table; `sort` counts through the ways and begins again at the end."""
    name = table.name
    alter = f"alter table {name}"
    re_add = f"{alter} drop constraint {table.parent_key}, add constraint {table.parent_key} {table.parent_reference}"
    re_check = f"{alter} drop constraint {table.check}, add constraint {table.check} check (amount >= 0)"
    ways = (
        (f"{alter} drop column data", "missing-column", f"column public.{name}.data"),
        (f"{alter} alter column code type text", "column-type", f"column public.{name}.code"),
        (f"{alter} alter column active set default false", "column-default", f"column public.{name}.active"),
        (
            f'alter policy "{table.reading}" on {name} using (active)',
            "policy-using",
            f'policy public.{name}."{table.reading}"',
        ),
        (f"drop index {table.listing}", "missing-index", f"index public.{name}.{table.listing}"),
        (re_check, "check-expression", f"check public.{name}.{table.check}"),
        (f"{re_add} on delete set null", "foreign-key-action", f"foreign key public.{name}.{table.parent_key}"),
        (f"{alter} add column legacy text not null", "blocking-column", f"column public.{name}.legacy"),
        (f'drop policy "{table.writing}" on {name}', "missing-policy", f'policy public.{name}."{table.writing}"'),
        (f"{alter} alter column owner_id drop not null", "column-nullability", f"column public.{name}.owner_id"),
    )
    return Drift(*ways[sort % len(ways)])
