"""What a role can do in truth: as a member, an owner, a superuser, past row security; and what is closed to it.

Each scene has a table and roles of its own, and all are looked at in one audit.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest

from servers import connect
from sessionaudit.audits import runner
from sessionaudit.audits.runner import Options
from sessionaudit.repair import propose

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from servers import DatabaseServer
    from sessionaudit.core.report import Report

OWN = "(owner = current_user)"
SECURED = f"alter table T enable row level security; create policy p on T using {OWN};"
CLOSED_FUNCTION = """create function F(text) returns boolean language sql immutable as 'select true';
revoke execute on function F(text) from public; """


class Scene(NamedTuple):
    """What is done to the table T, with roles R (whom the contract names) and M; and what must be found of R on T."""

    sql: str
    grants: str = "R: [select, insert]"
    found: tuple[str, ...] = ()
    since: int = 13
    before: int = 99
    more: str = ""


SCENES = {
    "nothing beyond": Scene(""),
    "a member of a role that may more": Scene("grant delete on T to M; grant M to R;", found=("SA526 reach",)),
    "who must first take the role on": Scene(
        "grant delete on T to M; alter role R noinherit; grant M to R;", found=("SA526 reach",)
    ),
    "who may take nothing on, and inherits": Scene(
        "grant delete on T to M; grant M to R with inherit true, set false;", found=("SA526 reach",), since=16
    ),
    "who may take it on, and inherits nothing": Scene(
        "grant delete on T to M; grant M to R with inherit false, set true;", found=("SA526 reach",), since=16
    ),
    "who may grant it to itself": Scene(
        "grant delete on T to M; grant M to R with inherit false, set false, admin true;",
        found=("SA526 reach",),
        since=16,
    ),
    "CREATEROLE, which makes nobody a member by itself": Scene(
        "grant delete on T to M; alter role R createrole;", since=16
    ),
    "CREATEROLE, which made everybody a member": Scene(
        "grant delete on T to M; alter role R createrole;", found=("SA526 reach",), before=16
    ),
    "CREATEROLE of a role that it can take on": Scene(
        "create role N; grant delete on T to N; alter role M createrole; grant M to R;",
        found=("SA526 reach",),
        before=16,
    ),
    "a member of a role that may more on a column": Scene(
        "grant update (owner) on T to M; grant M to R;", found=("SA526 reach",)
    ),
    "a member of a role that may no more on a column": Scene("grant select (owner) on T to M; grant M to R;"),
    "a member of a role that may maintain": Scene(
        "grant maintain on T to M; grant M to R;", found=("SA526 reach",), since=17
    ),
    "kept away, and can take on who reads a column": Scene(
        "revoke all on T from R; grant select (id) on T to M; alter role R noinherit; grant M to R;",
        "R: absent",
        found=("SA523 ",),
    ),
    "a member in name alone": Scene("grant delete on T to M; grant M to R with inherit false, set false;", since=16),
    "by way of a third role": Scene(
        "create role N; grant delete on T to N; grant N to M; grant M to R;", found=("SA526 reach",)
    ),
    "a member of a role that may no more": Scene("grant select on T to M; grant M to R;"),
    "a member of a role that may what everybody may": Scene(
        "grant delete on T to public; grant M to R;", "R: [select, insert]\n      public: [delete]"
    ),
    "a member of the owner": Scene("alter table T owner to M; grant M to R;", found=("SA526 reach",)),
    "a member of a superuser": Scene("alter role M superuser; grant M to R;", found=("SA526 reach",)),
    "pg_write_all_data": Scene("grant pg_write_all_data to R;", found=("SA526 reach",), since=14),
    "pg_read_all_data where it may read": Scene("grant pg_read_all_data to R;", since=14),
    "the owner": Scene("alter table T owner to R;", found=("SA526 reach",)),
    "the owner that the contract names": Scene("alter table T owner to R;", more="owner: R"),
    "an owner that the contract grants all": Scene(
        "alter table T owner to R; grant all on T to R;", "R: all", found=("SA526 reach",)
    ),
    "an owner whom the contract names and grants all": Scene("alter table T owner to R;", "R: all", more="owner: R"),
    "an owner whom no policy binds": Scene(
        SECURED + "alter table T owner to R; grant all on T to R;", "R: all", found=("SA526 reach",)
    ),
    "the named owner, who can take a superuser on": Scene(
        "alter table T owner to R; alter role M superuser; grant M to R;", found=("SA526 reach",), more="owner: R"
    ),
    "an owner who is to have nothing": Scene(
        "alter table T owner to R; revoke all on T from R;", "R: absent", found=("SA523 ",)
    ),
    "all, and a member of the owner": Scene(
        "alter table T owner to M; grant all on T to R; grant M to R;", "R: all", found=("SA526 reach",)
    ),
    "all, and a member of a superuser": Scene(
        "alter role M superuser; grant all on T to R; grant M to R;", "R: all", found=("SA526 reach",)
    ),
    "all, and a member of a role that may, too": Scene(
        "grant all on T to R, M; grant M to R;", "R: all"
    ),
    "another owner": Scene("alter table T owner to M;"),
    "a superuser": Scene("alter role R superuser;", found=("SA526 reach",)),
    "a superuser whom the contract names nowhere": Scene("alter role M superuser;"),
    "a superuser who may all": Scene(
        "alter role R superuser; grant all on T to R;", "R: all", found=("SA526 reach",)
    ),
    "kept away, and yet a member": Scene(
        "revoke all on T from R; grant delete on T to M; alter role R noinherit; grant M to R;",
        "R: absent",
        found=("SA523 ",),
    ),
    "kept away, and let in by PUBLIC": Scene(
        "revoke all on T from R; grant select on T to public; grant select (id) on T to M; grant M to R;",
        "R: absent\n      public: [select]",
        found=("SA523 ",),
    ),
    "kept away, and a member of nobody": Scene("revoke all on T from R;", "R: absent"),
    "a grant option": Scene("grant select on T to R with grant option;", found=("SA527 option",)),
    "a grant option on a column": Scene("grant select (id) on T to R with grant option;", found=("SA527 option",)),
    "bypassrls": Scene(SECURED + "alter role R bypassrls;", found=("SA528 row_security",)),
    "a superuser past policies": Scene(
        SECURED + "alter role R superuser; grant all on T to R;",
        "R: all",
        found=("SA526 reach", "SA528 row_security"),
    ),
    "bypassrls without row security": Scene("alter role R bypassrls;"),
    "bypassrls where no policy is for it": Scene(
        "alter table T enable row level security; create policy p on T to M using (false); alter role R bypassrls;",
        found=("SA528 row_security",),
    ),
    "bypassrls where there is no policy": Scene(
        "alter table T enable row level security; alter role R bypassrls;", found=("SA528 row_security",)
    ),
    "bypassrls where all that it may is open": Scene(
        "alter table T enable row level security; create policy p on T for select using (true); "
        "create policy q on T for insert with check (true); alter role R bypassrls;"
    ),
    "bypassrls where not all that it may is open": Scene(
        "alter table T enable row level security; create policy p on T for select using (true); "
        "alter role R bypassrls;",
        found=("SA528 row_security",),
    ),
    "bypassrls where a restrictive policy limits an open one": Scene(
        f"alter table T enable row level security; create policy p on T using (true); "
        f"create policy q on T as restrictive using {OWN}; alter role R bypassrls;",
        found=("SA528 row_security",),
    ),
    "all, and a member of a role with bypassrls": Scene(
        SECURED + "alter role M bypassrls; grant all on T to R, M; grant M to R;",
        "R: all",
        found=("SA528 row_security",),
    ),
    "a member of a role with bypassrls that may no more": Scene(
        SECURED + "alter role M bypassrls; grant select on T to M; grant M to R;", found=("SA528 row_security",)
    ),
    "a member of a role with bypassrls that may nothing": Scene(SECURED + "alter role M bypassrls; grant M to R;"),
    "who inherits from a role with bypassrls, and cannot take it on": Scene(
        SECURED + "alter role M bypassrls; grant select on T to M; grant M to R with inherit true, set false;", since=16
    ),
    "bypassrls where its policy lets all pass": Scene(
        SECURED + "create policy q on T to R using (true); alter role R bypassrls;"
    ),
    "bypassrls of a role of which it is a member in name": Scene(SECURED + "alter role M bypassrls;"),
    "a policy's function closed": Scene(
        CLOSED_FUNCTION + "alter table T enable row level security; create policy p on T for select using (F(owner));",
        found=("SA529 closed",),
    ),
    "the same for a command that it may not": Scene(
        CLOSED_FUNCTION + "alter table T enable row level security; create policy p on T for delete using (F(owner));"
    ),
    "the same for another role": Scene(
        CLOSED_FUNCTION + "alter table T enable row level security; create policy p on T to M using (F(owner));"
    ),
    "the same, with EXECUTE of its own": Scene(
        CLOSED_FUNCTION + "grant execute on function F(text) to R; alter table T enable row level security; "
        "create policy p on T using (F(owner));"
    ),
    "the sequence of a serial column": Scene("alter table T add n serial;", found=("SA529 closed",)),
    "a serial column of a table that it reads": Scene(
        "alter table T add n serial; revoke insert on T from R;", "R: [select]"
    ),
    "a sequence that it may use": Scene("alter table T add n serial; grant usage on sequence T_n_seq to R;"),
    "an identity, which asks for nothing": Scene("alter table T add n integer generated always as identity;"),
    "the function of a default": Scene(
        "create function F() returns integer language sql as 'select 1'; revoke execute on function F() from public; "
        "alter table T add n integer default F();",
        found=("SA529 closed",),
    ),
    "the function of a check": Scene(
        CLOSED_FUNCTION + "alter table T add check (F(owner));",
        found=("SA529 closed",),
    ),
    "no USAGE on the schema": Scene(
        "create schema S; grant usage on schema S to M; alter table T set schema S;",
        found=("SA521 privileges",),
    ),
    "kept away, and without USAGE on the schema": Scene(
        "create schema S; alter table T set schema S;", "R: absent", found=("SA523 ",)
    ),
}  # fmt: skip


NOT_BY_DELETE = {
    "a member of a role that may more on a column",
    "a member of a role that may maintain",
    "kept away, and can take on who reads a column",
    "CREATEROLE of a role that it can take on",
}


class World(NamedTuple):
    """A database with all scenes, its contract, and the suffix of its roles."""

    url: str
    contract: Path
    suffix: str
    report: Report


def named(text: str, place: int, suffix: str) -> str:
    """A scene's SQL with the names of its own."""
    text = re.sub(r"\bT(?=\b|_n_seq)", f"t{place}", text)
    text = re.sub(r"\b([RMN])\b", lambda match: f"role_{match[1].lower()}{place}_{suffix}", text)
    return re.sub(r"\b([FS])\b", lambda match: f"{match[1].lower()}{place}", text)


@pytest.fixture(scope="module")
def world(server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    url, suffix = server.create(), secrets.token_hex(4)
    lines = ["version: 1", "tables:"]
    with connect(url) as connection:
        for place, scene in enumerate(SCENES.values()):
            if not scene.since <= server.major < scene.before:
                continue
            lists = "revoke all on T from public; create role R; create role M; grant select, insert on T to R; "
            statement = "create table T (id integer, owner text); " + lists + scene.sql
            connection.execute(named(statement, place, suffix).encode())
            lines.append(f"  {'s' + str(place) + '.' if 'create schema' in scene.sql else ''}t{place}:")
            lines += [f"    {named(scene.more, place, suffix)}"] if scene.more else []
            lines += ["    grants:", f"      {named(scene.grants, place, suffix)}"]
    contract = tmp_path_factory.mktemp("roles") / "c.yaml"
    contract.write_text("\n".join(lines) + "\n")
    try:
        yield World(url, contract, suffix, runner.run(url, contract, Options()))
    finally:
        server.drop(url)
        with connect(server.url) as connection:
            for (role,) in connection.execute(
                "select rolname from pg_roles where rolname like %s", (f"role\\__%{suffix}",)
            ):
                connection.execute(f"drop role {role}".encode())


@pytest.mark.parametrize("scene", SCENES)
def test_what_a_role_can_do(world: World, server: DatabaseServer, scene: str) -> None:
    place = list(SCENES).index(scene)
    # A scene grants what only some versions know, or have given up: there is nothing to hold against the others.
    if server.major < SCENES[scene].since:
        pytest.skip(f"needs PostgreSQL {SCENES[scene].since}")
    if server.major >= SCENES[scene].before:
        pytest.skip(f"is about PostgreSQL before {SCENES[scene].before}")
    found = [
        f"{one.rule.code} {one.facet}"
        for one in world.report.findings
        if f"t{place}" in one.ref.path and one.ref.path[-1].startswith("role_r")
    ]
    assert tuple(found) == SCENES[scene].found
    assert not world.report.skipped


def test_the_messages_name_the_way(world: World) -> None:
    told = {one.ref.path[1]: one.message for one in world.report.findings if one.ref.path[-1].startswith("role_r")}
    places = {name: f"t{place}" for place, name in enumerate(SCENES)}
    for scene, words in {
        "a member of a role that may more": "may also delete on ",
        "a superuser": "is a superuser",
        "the owner": "owns public.t",
        "all, and a member of the owner": "may also own (alter, drop, grant) on ",
        "all, and a member of a superuser": "), a superuser",
        "all, and a member of a role with bypassrls": "(SET ROLE), which has BYPASSRLS",
        "kept away, and let in by PUBLIC": "It has select through PUBLIC, like every role: revoke that from PUBLIC.",
        "a grant option": "may grant others select on ",
        "bypassrls": "has BYPASSRLS",
        "the sequence of a serial column": "lacks USAGE on sequence public.t",
        "a policy's function closed": "which the policy p calls",
    }.items():
        assert words in told[places[scene]], scene


def test_a_grant_option_is_taken_away_and_nothing_else_is_done(world: World) -> None:
    proposal = propose.propose(world.url, world.contract, propose.PlanOptions())
    options = {sql for step in proposal.plan.steps for sql in step.sql if "grant option" in sql}
    assert {re.sub(r"\d+(_\w+)?\b", "", sql) for sql in options} == {
        "revoke grant option for select on public.t from role_r"
    }
    assert len(options) == 2
    uncured = {one.finding.rule.name for one in proposal.plan.uncured}
    assert {"reached-grant", "unbound-role", "closed-grant"} <= uncured
    steps = {f"{step.ref.path[1]} {step.action.split()[0]}" for step in proposal.plan.steps}
    assert len(steps) == 4, steps  # the two, USAGE on a schema, and what is of no use without it


def test_what_is_declared_absent_is_not_asked_to_be(world: World) -> None:
    proposal = propose.propose(world.url, world.contract, propose.PlanOptions())
    advice = {one.help for one in proposal.plan.uncured if one.finding.rule.name == "forbidden-grant"}
    assert advice == {"There is no safe statement for it: a person must decide."}


def refused(connection: psycopg.Connection, *statements: str) -> bool:
    """Whether a role may not do the last of some statements."""
    try:
        with connection.transaction(force_rollback=True):
            for statement in statements:
                connection.execute(statement.encode())
    except psycopg.errors.InsufficientPrivilege as error:
        # Of the last one, not that a policy refuses the row.
        return statement is not statements[-1] or "permission denied" in str(error)
    return False


def test_the_server_says_the_same(world: World, server: DatabaseServer) -> None:
    with connect(world.url) as connection:
        for place, (name, scene) in enumerate(SCENES.items()):
            if not scene.since <= server.major < scene.before or "create schema" in scene.sql:
                continue
            if name in NOT_BY_DELETE:
                continue
            me, other, table = (named(word, place, world.suffix) for word in ("R", "M", "T"))
            session = f"set local session authorization {me}"
            if (scene.grants == "R: [select, insert]" and not scene.more) or scene.grants == "R: absent":
                delete = f"delete from {table}"
                take_on = f"set local role {other}"
                again = f"grant delete on {table} to {me}"
                ways = ((delete,), (take_on, delete), (f"grant {other} to {me}", take_on, delete), (again, delete))
                refused_all = all(refused(connection, session, *way) for way in ways)
                assert refused_all != (scene.found in {("SA526 reach",), ("SA523 ",)}), name
            if scene.grants == "R: [select, insert]":
                insert = f"insert into {table} (owner) values (current_user)"
                statements = [insert, f"select * from {table}"]
                failed = [one for one in statements if refused(connection, session, one)]
                assert bool(failed) == (scene.found == ("SA529 closed",)), name
