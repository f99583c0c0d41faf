"""Cases: a contract, a database and what must be found when the one is held against the other."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from marks import sampled
from servers import connect, connected
from sessionaudit.kinds import KINDS
from sessionaudit.rulebook import UNCERTAIN
from sessionaudit.sql.text import tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from _pytest.mark import ParameterSet

    from servers import DatabaseServer
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.report import Report

CASES = Path(__file__).with_name("cases")
AUTOCOMMIT = "-- autocommit"
FAILS = "-- fails"
TODAY = re.compile(r"\Aa day from \d{4}-\d{2}-\d{2} on\Z")

# Roles belong to the whole server, which the workers of a run may share.
ROLES = (
    "create role case_reader",
    "create role case_writer",
    "create role case_owner",
    "create role case_member",
    "create role case_outsider noinherit",
    "create role case_opened",
    "create role case_login login",
    'create role "case ""Odd; %"',
    "create role case_bypass bypassrls",
    # As Supabase has them.
    "create role anon nologin noinherit",
    "create role authenticated nologin noinherit",
    "create role service_role nologin noinherit bypassrls",
    "create role authenticator login noinherit",
    "grant service_role to authenticator",
    "grant case_writer to case_member",
    "grant case_writer to case_outsider",
    "grant case_reader to case_opened",
)
# “already exists”, in two manners, and “tuple concurrently updated”: somebody else has just done the same.
DONE = (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation, psycopg.errors.InternalError_)

# Catalogs in which an audit that made something would leave a trace. The rows of an aborted transaction are not seen.
CATALOGS = (
    "pg_attrdef",
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_depend",
    "pg_enum",
    "pg_extension",
    "pg_index",
    "pg_namespace",
    "pg_policy",
    "pg_proc",
    "pg_publication",
    "pg_publication_rel",
    "pg_trigger",
    "pg_type",
)

# Before PostgreSQL 16 the relation is named before each column of a query, even where it is the only one.
SOURCE = re.compile(r"\bFROM (?:\w+\.)?(\w+)(?: (?!WHERE|GROUP|ORDER)(\w+))?")

Golden = dict[str, Any]
Facet = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """One folder of `tests/cases`."""

    folder: Path

    @property
    def name(self) -> str:
        """KIND/CASE."""
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def contract(self) -> Path:
        return self.folder / "expected.yaml"

    @property
    def since(self) -> int:
        """The first major version of PostgreSQL on which the case can be made."""
        file = self.folder / "since"
        return int(file.read_text(encoding="utf-8")) if file.exists() else 13

    @property
    def read_only(self) -> bool:
        """Whether the golden is of an audit that may not ask the server."""
        return (self.folder / "read_only").exists()

    @property
    def text(self) -> str:
        """What makes the database."""
        return (self.folder / "actual.sql").read_text(encoding="utf-8")

    def golden(self, name: str = "findings") -> list[Golden]:
        """The findings that must come out; those that a waiver covers by the name `waived`."""
        file = self.folder / f"{name}.json"
        found: list[Golden] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
        return found

    def regenerate(self, report: Report) -> None:
        """Write the goldens anew."""
        for name, found in (("findings", report.findings), ("waived", [finding for finding, _ in report.waived])):
            file = self.folder / f"{name}.json"
            text = json.dumps(golden(found), indent=2, ensure_ascii=False) + "\n"
            if name == "waived" and not found:
                file.unlink(missing_ok=True)
            elif not file.exists() or file.read_text(encoding="utf-8") != text:
                file.write_text(text, encoding="utf-8")


def all_cases() -> list[Case]:
    """Every case, by name."""
    return sorted((Case(file.parent) for file in CASES.glob("*/*/expected.yaml")), key=lambda case: case.name)


def require(case: Case, server: DatabaseServer) -> None:
    """Skip a case that no older server can make: its file `since` names the first version that has what it is about."""
    if server.major < case.since:
        pytest.skip(f"is about what came with PostgreSQL {case.since}")


def first_of_each_kind(cases: Sequence[Case], kinds: Collection[str] | None = None) -> list[ParameterSet]:
    """The cases as parameters: the first violation of each kind, or of some; a thorough run takes half of the rest."""
    firsts = {case.folder.parent.name: case for case in reversed(cases) if case.folder.name.startswith("violation_")}
    usual = [case for kind, case in firsts.items() if kinds is None or kind in kinds]
    return [*map(pytest.param, usual), *sampled(2, [case for case in cases if case not in usual])]


def golden(findings: Iterable[Finding]) -> list[Golden]:
    """Findings as they stand in a golden: no versions, times or paths."""
    return [
        {
            "code": finding.rule.code,
            "rule": finding.rule.name,
            "severity": str(finding.severity),
            "object": str(finding.ref),
            "facet": finding.facet,
            "expected": TODAY.sub("a day from TODAY on", finding.expected) if finding.expected else finding.expected,
            "actual": _without_source(finding.actual),
            "line": finding.location.line if finding.location else None,
        }
        for finding in findings
    ]


def _without_source(query: str | None) -> str | None:
    """What is shown; a query of the server without the names of its relations before those of columns."""
    if query is None or not query.startswith("SELECT"):
        return query
    names = [name for match in SOURCE.finditer(query) for name in match.groups() if name]
    return re.sub(rf"\b(?:{'|'.join(names)})\.(?=\w)", "", query) if names else query


def make_roles(url: str) -> None:
    """Make the roles that cases share; whoever else makes them at the same time does no harm."""
    with connect(url) as connection:
        for statement in ROLES:
            with suppress(*DONE):
                connection.execute(statement.encode())


def build(case: Case, database: str | psycopg.Connection) -> None:
    """Make what the case's `actual.sql` makes; a connection is as new afterwards.

    In one transaction, unless the file begins with `-- autocommit`: then statement by statement, of
    which those under a comment `-- fails` must fail.
    """
    with connected(database) as connection:
        if not case.text.startswith(AUTOCOMMIT):
            connection.execute(case.text.encode())
        else:
            for statement in statements(case.text):
                with suppress(psycopg.Error) if FAILS in statement else nullcontext():
                    connection.execute(statement.encode())
                    assert FAILS not in statement, f"{case.name}: this must fail:\n{statement}"
        if connection is database:
            connection.execute("discard all")


def statements(text: str) -> Iterable[str]:
    """Cut SQL at the semicolons that end statements."""
    start = 0
    for token in tokens(text):
        if token.text == ";":
            yield text[start : token.end]
            start = token.end


def traces(database: str | psycopg.Connection) -> dict[str, tuple[int, int]]:
    """How many rows each catalog holds, and the sum of the transactions that made them."""
    with connected(database) as connection:
        found = connection.execute(_TRACES.encode(), prepare=True).fetchall()
        return {catalog: (rows, sum_) for catalog, rows, sum_ in found}


# Numbers of transactions as far as ages tell them, which are counted from one moment: to read them as text costs more.
_MADE_BY = "sum(age('3'::xid) - age(xmin)) filter (where age(xmin) < 2147483647)"
_TRACES = " union all ".join(
    f"select '{catalog}', count(*), coalesce({_MADE_BY}, 0)::bigint from pg_catalog.{catalog}" for catalog in CATALOGS
)


# The facets that compare by meaning: only of these a server that is not asked may leave something open.
_ASKED = {(kind.name, attribute.facet) for kind in KINDS for attribute in kind.attributes if attribute.form}


def judgements(report: Report) -> dict[Facet, Finding]:
    """What was said of each facet, waived or not."""
    found = [*report.findings, *(finding for finding, _ in report.waived)]
    return {(str(finding.ref), finding.facet): finding for finding in found}


def compare_read_only(full: Report, cautious: Report) -> list[str]:
    """What an audit that may not ask the server says and must not, or does not say and must."""
    wrong: list[str] = []
    said, unsaid = judgements(full), judgements(cautious)
    for place, finding in unsaid.items():
        if said.get(place) == finding:
            continue
        if finding.rule is not UNCERTAIN or (finding.ref.kind, finding.facet) not in _ASKED:
            wrong.append(f"only --read-only says: {finding.rule.name} of {finding.ref}")
    wrong += [
        f"--read-only is silent about: {finding.rule.name} of {finding.ref}"
        for place, finding in said.items()
        if place not in unsaid
    ]
    return wrong
