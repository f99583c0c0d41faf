"""Every type to every other, with leave to rewrite and none to lose: what was turned comes back as it was."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest
from msgspec.structs import replace

from mending import run_at_once, run_plan, run_script
from servers import connect
from sessionaudit.core.step import Hazard
from sessionaudit.errors import UsageError
from sessionaudit.repair import propose, script
from sessionaudit.repair.apply import StepOutcome
from sessionaudit.repair.propose import PlanOptions

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase
    from sessionaudit.repair.plan import Plan

REWRITE = PlanOptions(allowed=frozenset({Hazard.REWRITE}), zone="Europe/Berlin")
LOSE = PlanOptions(allowed=frozenset({Hazard.REWRITE, Hazard.DATA_LOSS}), zone="Europe/Berlin")
# By type: values of which some survive in other types and some do not.
VALUES: dict[str, list[str | None]] = {
    "text": ["12", "  12", "1.50", "2020-01-01", "2020-01-01 12:34:56", "t", "a ", "", "10.0.0.1", "x" * 70, None],
    "varchar(20)": ["12", "abc", "a  ", "2020-01-31"],
    "integer": ["0", "1", "5", "-1", "16777217", "2147483647", None],
    "bigint": ["0", "1", "9007199254740993", "9223372036854775807", "-5"],
    "numeric": ["0", "1", "1.10", "1.234567890123456789", "12345678901234567890", "NaN"],
    "numeric(10,2)": ["0", "1.10", "99999999.99"],
    "real": ["0", "0.1", "16777216", "NaN", "Infinity", "-0"],
    "double precision": ["0", "0.1", "1e300", "0.30000000000000004", "-Infinity"],
    "boolean": ["true", "false", None],
    "date": ["2020-01-01", "infinity", "2020-03-29"],
    "timestamp": ["2020-01-01 00:00:00", "2020-01-01 12:34:56.789", "2020-03-29 02:30:00", "infinity"],
    "timestamptz": ["2020-01-01 00:00:00+01", "2020-10-25 00:30:00+00", "2020-10-25 01:30:00+00"],
    "time": ["00:00:00", "12:34:56.789", "24:00:00"],
    "interval": ["1 mon", "30 days", "1 day 02:03:04.5", "00:00:00"],
    "inet": ["10.0.0.1", "10.0.0.1/24", "10.0.0.0/24", "::1"],
    "json": ['{"a": 1}', '{"a":1,"a":2}', "5", "null"],
    "jsonb": ['{"a": 1}', "5", "null", '"x"'],
    "mood": ["sad", "happy"],
    "text[]": ["{}", '{a,NULL,"b c"}', "{12,1.5}", "[0:1]={1,2}"],
    "numeric[]": ["{1.5,2}", "{NULL}", "{1}"],
    "timestamp[]": ['{"2020-01-01 12:00:00"}', '{"2020-01-01 00:00:00"}'],
    "point": ["(1,2)"],
}
TARGETS = (
    "text varchar(3) name smallint integer numeric numeric(10,2) real boolean date timestamp(0) timestamptz time "
    "interval(0) cidr jsonb money oid mood positive integer[] date[] char(3)[]"
).split()
TARGETS += ["double precision", "interval year to month", "interval day"]
PAIRS = [(old, new) for old in VALUES for new in TARGETS if old != new]
MAKING = (
    "create type public.mood as enum ('sad', 'happy')",
    "create domain public.positive as integer check (value > 0)",
)
TYPE = """
select pg_catalog.format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_attribute a
 where a.attrelid = %s::pg_catalog.regclass and a.attname = %s"""


def contract(folder: Path, tables: dict[str, str]) -> Path:
    """A contract of tables whose column `v` has a type."""
    lines = [f"  {name}: {{columns: {{v: {json.dumps(type_)}}}}}" for name, type_ in tables.items()]
    file = folder / "contract.yaml"
    file.write_text("\n".join(["version: 1", "tables:", *lines, ""]), encoding="utf-8")
    return file


def make(connection: psycopg.Connection, name: str, type_: str) -> None:
    connection.execute(f"create table public.{name} (id int primary key, v {type_})".encode())


def fill(connection: psycopg.Connection, name: str, type_: str, values: list[str | None]) -> None:
    for place, value in enumerate(values):
        connection.execute(f"insert into public.{name} values ({place}, %s::text::{type_})".encode(), (value,))


def texts(connection: psycopg.Connection, name: str, expression: str = "v") -> list[str | None]:
    query = f"select ({expression})::text from public.{name} order by id"
    return [row[0] for row in connection.execute(query.encode())]


def type_of(connection: psycopg.Connection, name: str, column: str = "v") -> str:
    row = connection.execute(TYPE, (f"public.{name}", column)).fetchone()
    assert row is not None
    return str(row[0])


def came_back(connection: psycopg.Connection, name: str, old: str, before: list[str | None]) -> bool:
    """Whether the values of a table, turned back in some manner, are what they were; 1.10 and 1.1 are one number."""
    for way in (f"v::text::{old}", f"v::{old}", f"v::numeric::{old}", f"v::double precision::text::numeric::{old}"):
        with suppress(psycopg.Error):
            if texts(connection, name, way) == before:
                return True
            query = (
                f"select count(*) from public.{name} join public.{name}_was using (id) where w is distinct from {way}"
            )
            if old.startswith(("numeric", "real")) and connection.execute(query.encode()).fetchone() == (0,):
                return True
    return False


def each_alone(plan: Plan) -> list[Plan]:
    """A plan for each step, so that one that fails ends no other."""
    return [replace(plan, steps=(step,), after=(frozenset(),), repaired=(), held=(), uncured=()) for step in plan.steps]


@pytest.mark.thorough
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, 3))])
@pytest.mark.parametrize("manner", ["looked at", "applied", "script", "transaction"])
def test_what_was_turned_comes_back_as_it_was(
    make_database: MakeDatabase, tmp_path: Path, manner: str, part: int
) -> None:
    """A value survives or is not touched, whether it was there when the plan was made or came only after that."""
    url = make_database()
    pairs = (PAIRS[::5] if manner == "looked at" else PAIRS[1::6])[part::3]
    tables = {f"t{place}": pair for place, pair in enumerate(pairs)}
    assert len(tables) >= 25
    file = contract(tmp_path, {name: new for name, (_, new) in tables.items()})
    with connect(url) as connection:
        connection.execute("set timezone to 'Europe/Berlin'")
        for statement in MAKING:
            connection.execute(statement.encode())
        for name, (old, _) in tables.items():
            make(connection, name, old)
        proposal = propose.propose(url, file, REWRITE)
        for name, (old, _) in tables.items():
            fill(connection, name, old, VALUES[old])
            connection.execute(f"create table public.{name}_was as select id, v as w from public.{name}".encode())
        before = {name: texts(connection, name) for name in tables}

        if manner == "looked at":
            proposal = propose.propose(url, file, REWRITE)
        if manner in {"looked at", "applied"}:
            run_plan(url, proposal)
        else:
            run = run_script if manner == "script" else run_at_once
            for one in each_alone(proposal.plan):
                with suppress(psycopg.Error):
                    run(url, script.render(one, title="One.", transactional=manner == "transaction", repairs={}))

        turned = 0
        for name, (old, new) in tables.items():
            if type_of(connection, name) == type_of(connection, f"{name}_was", "w"):
                assert texts(connection, name) == before[name], (old, new)
            else:
                turned += 1
                assert came_back(connection, name, old, before[name]), (old, new, before[name], texts(connection, name))
    assert turned >= (5 if manner != "looked at" and part == 0 else 1)


class Cut(NamedTuple):
    """What a type would do to a value; None where it cannot be turned back, so that nothing is known, and "" where
    that depends on the version of the server."""

    old: str
    new: str
    value: str
    made: str | None


CUTS = [
    Cut("text", "date", "2020-01-01 12:00:00", "2020-01-01"),
    Cut("text", "numeric(10,2)", "1.239", "1.24"),
    Cut("text", "timestamp", "2020-01-01 12:00:00+05", "2020-01-01 12:00:00"),
    Cut("text", "name", "x" * 64, "x" * 63),
    Cut("text", "integer", "  12", "12"),
    Cut("text", "boolean", "yes", "true"),
    Cut("text", "real", "1.23456789", "1.2345679"),
    Cut("text", "jsonb", '{"a":1,"a":2}', '{"a": 2}'),
    Cut("text", "uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    Cut("text", "char(3)", "a ", "a"),
    Cut("text", "timestamptz", "2020-01-01 12:00:00", "2020-01-01 12:00:00+01"),
    Cut("text", "money", "5", "$5.00"),
    Cut("interval", "interval year to month", "1 day", "00:00:00"),
    Cut("interval", "interval(0)", "1.5 s", "00:00:02"),
    Cut("time", "time(0)", "12:00:00.6", "12:00:01"),
    Cut("timetz", "time", "12:00:00+02", ""),
    Cut("timestamptz", "timestamptz(0)", "2020-01-01 12:00:00.6+01", "2020-01-01 12:00:01+01"),
    Cut("timestamptz", "timestamp", "2020-10-25 00:30:00+00", "2020-10-25 02:30:00"),
    Cut("timestamp", "timestamptz", "2020-03-29 02:30:00", "2020-03-29 03:30:00+02"),
    Cut("timestamp", "date", "2020-01-01 12:00:00", "2020-01-01"),
    Cut("timestamp", "time", "2020-01-01 12:00:00", None),
    Cut("inet", "cidr", "10.0.0.1/24", "10.0.0.0/24"),
    Cut("integer", "boolean", "5", "true"),
    Cut("integer", "oid", "-1", "4294967295"),
    Cut("integer", "real", "16777217", "1.6777216e+07"),
    Cut("bigint", "double precision", "9223372036854775807", "9.223372036854776e+18"),
    Cut("numeric", "integer", "1.4", "1"),
    Cut("numeric(10,2)", "integer", "99999999.99", "100000000"),
    Cut("numeric", "double precision", "0.1234567890123456789", "0.12345678901234568"),
    Cut("numeric", "money", "1.005", "$1.01"),
    Cut("double precision", "real", "0.1234567890123", "0.12345679"),
    Cut("real", "numeric", "16777216", "16777200"),
    Cut("double precision[]", "real[]", "{0.1234567890123}", "{0.12345679}"),
    Cut("numeric[]", "integer[]", "{1.5}", "{2}"),
    Cut("text[]", "date[]", '{"2020-01-01 12:00:00"}', "{2020-01-01}"),
    Cut("text[]", "char(3)[]", '{"a "}', '{"a  "}'),
    Cut("json", "jsonb", '{"b":1, "a":2}', '{"a": 2, "b": 1}'),
    Cut("bit(4)", "time", "1010", None),
]
GOES = [
    ("text", "date", "2020-01-01", "2020-01-01"),
    ("text", "numeric(10,2)", "1.24", "1.24"),
    ("text", "boolean", "t", "true"),
    ("text", "inet", "10.0.0.1", "10.0.0.1/32"),
    ("text", "jsonb", '{"a": 1}', '{"a": 1}'),
    ("text", "mood", "sad", "sad"),
    ("text", "timestamptz", "2020-07-01 12:00:00+02", "2020-07-01 12:00:00+02"),
    ("timestamp", "timestamptz", "2020-07-01 12:00:00", "2020-07-01 12:00:00+02"),
    ("timestamptz", "timestamp", "2020-07-01 10:00:00+00", "2020-07-01 12:00:00"),
    ("timestamptz", "text", "2020-07-01 10:00:00+00", "2020-07-01 12:00:00+02"),
    ("timestamp", "date", "2020-01-01 00:00:00", "2020-01-01"),
    ("date", "timestamptz", "2020-07-01", "2020-07-01 00:00:00+02"),
    ("integer", "boolean", "1", "true"),
    ("smallint", "boolean", "1", "true"),
    ("integer", "real", "16777216", "1.6777216e+07"),
    ("bigint", "double precision", "9007199254740992", "9.007199254740992e+15"),
    ("numeric", "numeric(10,1)", "1.10", "1.1"),
    ("numeric", "integer", "2.00", "2"),
    ("numeric", "real", "NaN", "NaN"),
    ("inet", "cidr", "10.0.0.0/24", "10.0.0.0/24"),
    ("json", "jsonb", '{"a": 1}', '{"a": 1}'),
    ("char(3)", "text", "a", "a"),
    ("interval", "interval year to month", "1 mon", "1 mon"),
    ("numeric[]", "integer[]", "{1,NULL}", "{1,NULL}"),
    ("text[]", "integer[]", "[0:1]={1,2}", "[0:1]={1,2}"),
]


@pytest.mark.thorough
def test_what_would_be_cut_is_shown_and_held_back(make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database()
    tables = {f"t{place}": cut for place, cut in enumerate(CUTS)}
    file = contract(tmp_path, {name: cut.new for name, cut in tables.items()})
    with connect(url) as connection:
        for statement in MAKING:
            connection.execute(statement.encode())
        for name, cut in tables.items():
            make(connection, name, cut.old)
            fill(connection, name, cut.old, [cut.value, None])
        proposal = propose.propose(url, file, REWRITE)
        assert proposal.plan.steps == ()
        held = {one.step.ref.path[1]: one for one in proposal.plan.held}
        for name, cut in tables.items():
            one = held[name]
            assert Hazard.DATA_LOSS in one.step.hazards, (cut, one.reason)
            assert f"To run it anyway: --allow data-loss. To repair only this object, add --only public.{name}.v." in (
                one.help
            )
            if cut.made is None:
                assert "it is not known whether rows would get another value of v" in one.reason, (cut, one.reason)
            elif cut.made:
                assert "1 row would get another value of v: 0 (" in one.reason, (cut, one.reason)
                assert f" -> {cut.made})" in one.reason, (cut, one.reason)
            assert "->" not in one.told
        allowed = propose.propose(url, file, LOSE)
        assert {StepOutcome.APPLIED} == {record.outcome for record in run_plan(url, allowed)}


def test_what_survives_needs_no_leave(make_database: MakeDatabase, tmp_path: Path) -> None:
    url = make_database()
    tables = {f"t{place}": row for place, row in enumerate(GOES)}
    file = contract(tmp_path, {name: new for name, (_, new, _, _) in tables.items()})
    with connect(url) as connection:
        connection.execute("set timezone to 'Europe/Berlin'")
        for statement in MAKING:
            connection.execute(statement.encode())
        for name, (old, _, value, _) in tables.items():
            make(connection, name, old)
            fill(connection, name, old, [value, None])
        proposal = propose.propose(url, file, REWRITE)
        assert [(tables[one.step.ref.path[1]], one.reason) for one in proposal.plan.held] == []
        assert {StepOutcome.APPLIED} == {record.outcome for record in run_plan(url, proposal)}
        made = {name: texts(connection, name) for name in tables}
    assert made == {name: [made, None] for name, (_, _, _, made) in tables.items()}


ZONES = {"stamps": ("timestamp", "timestamptz"), "spelled": ("text", "timestamptz"), "days": ("timestamptz", "date")}


def test_what_hangs_on_a_time_zone_waits_until_one_is_named(make_database: MakeDatabase, tmp_path: Path) -> None:
    """Neither the operator's nor the server's decides; and what is named is what the script and the plan hold."""
    url = make_database()
    file = contract(tmp_path, {name: new for name, (_, new) in ZONES.items()})
    with connect(url) as connection:
        connection.execute(f"alter database {connection.info.dbname} set timezone to 'America/New_York'".encode())
        for name, (old, _) in ZONES.items():
            make(connection, name, old)
        for allowed in (REWRITE, LOSE):
            held = propose.propose(url, file, replace(allowed, zone="")).plan.held
            assert {one.step.ref.path[1] for one in held} == set(ZONES)
            for one in held:
                assert "time zone, and none was given" in one.reason
                assert "--time-zone UTC" in one.help
        connection.execute("insert into public.stamps values (1, '2020-07-01 12:00')")
        connection.execute("insert into public.spelled values (1, '2020-07-01 12:00:00+09')")
        connection.execute("insert into public.days values (1, '2020-07-01 00:00+09')")
        tokyo = propose.propose(url, file, replace(REWRITE, zone="Asia/Tokyo"))
        for step in tokyo.plan.steps:
            assert "set local TimeZone = 'Asia/Tokyo'" in step.statements
        run_script(url, script.render(tokyo.plan, title="Tokyo.", transactional=False, repairs={}))
        connection.execute("set timezone to 'UTC'")
        assert texts(connection, "stamps") == texts(connection, "spelled") == ["2020-07-01 03:00:00+00"]
        assert texts(connection, "days") == ["2020-07-01"]
        with pytest.raises(UsageError, match=r"no time zone “Asia/Tokio”"):
            propose.propose(url, file, replace(REWRITE, zone="Asia/Tokio"))
        with pytest.raises(UsageError, match=r"no time zone “UTC\+3”"):
            propose.propose(url, file, replace(REWRITE, zone="UTC+3"))


def test_the_settings_of_a_step_end_with_it(database: str, tmp_path: Path) -> None:
    """Also in a script of one transaction, in which more follows."""
    file = contract(tmp_path, {"spelled": "timestamptz"})
    asked = "select current_setting('TimeZone'), current_setting('row_security')"
    with connect(database) as connection:
        before = connection.execute(asked).fetchone()
        make(connection, "spelled", "text")
        proposal = propose.propose(database, file, replace(REWRITE, zone="Asia/Tokyo"))
        text = script.render(proposal.plan, title="Tokyo.", transactional=True, repairs={})
        assert "set local TimeZone = 'Asia/Tokyo'" in text
        assert "set local row_security = off" in text
        with connection.transaction():
            connection.execute(text.encode())
            assert connection.execute(asked).fetchone() == before
    assert propose.propose(database, file, REWRITE).plan.steps == ()


def test_a_row_that_came_after_the_plan_stops_the_step_and_nothing_is_changed(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    url = make_database()
    file = contract(tmp_path, {"days": "date"})
    with connect(url) as connection:
        make(connection, "days", "text")
        proposal = propose.propose(url, file, REWRITE)
        connection.execute("insert into public.days values (1, '2020-01-01 12:00:00')")
        (record,) = run_plan(url, proposal)
        assert record.outcome is StepOutcome.BLOCKED
        assert record.detail.startswith("rows would get another value of v. ")
        assert "2020" not in record.detail
        for transactional, run in ((False, run_script), (True, run_at_once)):
            text = script.render(proposal.plan, title="Days.", transactional=transactional, repairs={})
            assert "--allow data-loss" in text
            run(url, text)  # which warns
        assert texts(connection, "days") == ["2020-01-01 12:00:00"]
        # What row security hides from the owner is not taken for nothing.
        connection.execute("truncate public.days")
        connection.execute("drop role if exists case_blind")
        connection.execute("create role case_blind")
        try:
            connection.execute("alter table public.days owner to case_blind")
            connection.execute("alter table public.days enable row level security, force row level security")
            connection.execute("grant all on schema public to case_blind")
            connection.execute("set role case_blind")
            blind = f"{url}{'&' if '?' in url else '?'}options=-c%20role%3Dcase_blind"
            (held,) = propose.propose(blind, file, REWRITE).plan.held
            assert "row-level security" in held.reason
            assert "FAILED" in {record.outcome.name for record in run_plan(blind, proposal)}
        finally:
            connection.execute("reset role")
            connection.execute("drop owned by case_blind cascade")
            connection.execute("drop role case_blind")
