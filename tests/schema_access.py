"""Random privileges for pairs of schemas: default privileges, grants of all sorts, policies, memberships of roles."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from schema_kinds import Unit, odd, one_of
from sessionaudit.sql.text import identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

# Roles are those of a whole server, which several runs may share.
_OWN = os.environ.get("PYTEST_XDIST_WORKER", "")
PAIR_ROLES = tuple(f"pair{_OWN} {name}" for name in ("first", 'Second"; %', "third"))
MADE_ROLES = tuple(f"create role {identifier(name)}" for name in PAIR_ROLES)
# What one of them is in another, and is no more where a pair begins.
NO_MEMBERS = tuple(
    f"revoke {identifier(role)} from {identifier(member)}"
    for at, member in enumerate(PAIR_ROLES)
    for role in PAIR_ROLES[at + 1 :]
)
_DEFAULTS = {
    "tables": ("select", "select, insert", "all"),
    "sequences": ("usage", "usage, select"),
    "functions": ("execute",),
    "types": ("usage",),
}


def memberships(chance: Random) -> Iterator[Unit]:
    """Memberships of roles, which are no objects of the database."""
    for at, member in enumerate(PAIR_ROLES):
        for role in PAIR_ROLES[at + 1 :]:
            if chance.random() < 0.3:
                grant = f"grant {identifier(role)} to {identifier(member)}"
                plain, more = (
                    (grant, f"{grant} with admin option"),
                    (f"{grant} with inherit false", f"{grant} with set false"),
                )
                # Where a grant states no options, a snapshot states none.
                yield one_of(chance, plain) if chance.random() < 0.5 else one_of(chance, more, *plain)


def named_roles(chance: Random) -> Iterator[Unit]:
    """What makes roles those of this database, else a snapshot says nothing of their memberships: both have it.

    A role that lacks it has it all the same where it is a member of one that does not.
    """
    for role in PAIR_ROLES:
        if chance.random() < 0.5:
            yield Unit(f"grant create on schema public to {identifier(role)}")


def default_privileges(chance: Random) -> Iterator[Unit]:
    """What roles get on what is created later: by the repair, too."""
    for role in ("", "for role case_owner "):
        if chance.random() < 0.6:
            continue
        for sort, words in _DEFAULTS.items():
            # A contract states grants on functions only where they are not PostgreSQL's own, and none on types.
            if chance.random() < 0.6 or (not role and sort != "tables"):
                continue
            alter = f"alter default privileges {role}{chance.choice(('in schema public ', ''))}"
            to = chance.choice(("case_reader", "case_writer"))
            forms = [f"{alter}grant {one} on {sort} to {to}" for one in words]
            variants = (*forms, f"{forms[0]} with grant option")
            chosen = chance.choice(forms)
            other = f"{alter}grant {words[0]} on {sort} to case_login"
            yield Unit(chosen, (*(one for one in variants if one != chosen), f"{chosen}; {other}"))
        if role and chance.random() < 0.3:
            yield Unit(f"alter default privileges {role}revoke execute on functions from public")


def access(chance: Random, on: str, columns: Mapping[str, str], number: int) -> Iterator[Unit]:
    """Grants on a table beside plain ones, and policies of all sorts."""
    if chance.random() < 0.2:
        grant = f'grant select on {on} to "case ""Odd; %"'
        yield Unit(grant, (f"{grant} with grant option",))
    if chance.random() < 0.15:
        yield Unit(f"grant maintain on {on} to public", (f"grant maintain, trigger on {on} to public",))
    if chance.random() < 0.15:
        yield Unit(
            f"grant truncate, references, trigger on {on} to case_login",
            (f"grant truncate on {on} to case_login", f"grant all on {on} to case_login"),
        )
    if columns and chance.random() < 0.25:
        first = identifier(next(iter(columns)))
        name = identifier(odd(chance, f"pol{number}"))
        create = f"create policy {name} on {on} {{}}for {{}} to {{}} {{}}"
        test = f"({first} is not null)"
        yield Unit(
            create.format("", "update", "case_writer", f"using {test} with check (1 = 1)"),
            (
                create.format("", "update", "case_writer", f"using {test}"),
                create.format("as restrictive ", "update", "case_writer", f"using {test} with check (1 = 1)"),
                create.format("", "all", "case_writer", f"using {test} with check (1 = 1)"),
                create.format("", "update", "case_writer, case_reader", f"using {test} with check (1 = 1)"),
                create.format("", "update", "public", f"using {test} with check (true)"),
            ),
        )
        yield Unit(f"comment on policy {name} on {on} is 'whose'")


def sequence_access(chance: Random) -> Iterator[Unit]:
    """A sequence with its grants, by itself, or of a column."""
    if chance.random() < 0.4:
        name = identifier(odd(chance, "own"))
        yield Unit(f"create sequence {name}", (f"create sequence {name} as smallint", f"create sequence {name} cycle"))
        holder = identifier(odd(chance, "owns"))
        yield Unit(f"create table {holder} (a bigint default nextval({literal(name)}), b text)")
        if chance.random() < 0.5:
            yield one_of(chance, [f"alter sequence {name} owned by {holder}.{column}" for column in "ab"])
        grant = f"grant usage, select on sequence {name} to case_writer"
        yield Unit(grant, (grant.replace(", select", ""), grant.replace("usage, ", "")))
        yield Unit(f"comment on sequence {name} is 'counted'")
