"""What is there of a migration where the two servers do not print alike, and where rows of the ledger have no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from servers import connect
from sessionaudit.audits.migrations.examination import MigrationOptions
from sessionaudit.audits.migrations.ledgers import LEDGERS
from sessionaudit.audits.migrations.model import Migration, Recorded
from sessionaudit.audits.migrations.ranks import newest_after
from sessionaudit.audits.migrations.session import MigrationsPart, MigrationsPlace, report_migrations
from sessionaudit.audits.migrations.verdicts import judge

if TYPE_CHECKING:
    from pathlib import Path

    from migrationcases import MakeProject
    from sessionaudit.audits.migrations.verdicts import Verdicts

LEDGER = (
    "create schema supabase_migrations;"
    "create table supabase_migrations.schema_migrations (version text primary key, statements text[], name text);"
    "insert into supabase_migrations.schema_migrations values "
)


def judged(url: str, case: Path, *, same_version: bool) -> Verdicts:
    """What is said, where the private server is of the database's version or passes for another."""
    found = report_migrations(MigrationsPlace(url, case / "contract.yaml"), MigrationsPart(), MigrationOptions())
    return judge(replace(found.examined.evidence, same_version=same_version))


def test_a_facet_that_another_version_prints_otherwise_is_not_known(make_project: MakeProject) -> None:
    """Of the two defaults nothing but the text tells whether they are alike; where it does tell, they are."""
    url, case = make_project(
        "create table public.t (id int primary key, n int default 1 + 1);\n",
        "create table public.u (id int primary key, t text default lower('A'::text));\n",
        "create table public.w (id int primary key, n int default 1 + 1);\n",
    )
    with connect(url) as connection:
        connection.execute("create table public.t (id int primary key, n int default 3 - 1)")
        connection.execute("create table public.u (id int primary key, t text default lower('A'))")
        connection.execute("create table public.w (id int primary key, n int default 3 - 1)")
        connection.execute(LEDGER + "('20240101000000'), ('20240102000000')")
    told = judged(url, case, same_version=False)
    first, second, third = told.migrations
    assert (first.database.endswith(" there, rest unseen"), first.is_seen) == (True, False)
    assert (second.database, second.is_seen) == ("there", True)
    assert [one.rule.name for one in third.findings] == ["unrecorded-migration"]  # not “there, not recorded”
    assert [one.what for one in told.skipped] == [
        "migration 20240101000000: the default of column public.t.n",
        "migration 20240103000000: the default of column public.w.n",
    ]
    assert "SESSIONAUDIT_PG_BIN" in told.skipped[0].hint
    same = judged(url, case, same_version=True)
    assert same.skipped == ()
    assert [str(one.ref) for one in same.drift] == ["column public.t.n", "column public.w.n"]


def test_a_row_without_a_file_is_later_too(make_project: MakeProject) -> None:
    """The tool looks at the newest row, whether its file is there or not."""
    url, case = make_project("create table public.a ();\n", "create table public.b ();\n")
    with connect(url) as connection:
        connection.execute("create table public.a ()")
        connection.execute(LEDGER + "('20240101000000'), ('20240101120000')")
    before = judged(url, case, same_version=True)
    assert [[one.rule.name for one in told.findings] for told in before.migrations] == [
        [],
        ["unrecorded-migration"],
        ["missing-migration-file"],
    ]
    with connect(url) as connection:
        connection.execute("insert into supabase_migrations.schema_migrations values ('20240301000000')")
    after = judged(url, case, same_version=True)
    passed = after.migrations[1].findings[0]
    assert passed.rule.name == "skipped-migration"
    assert "20240301000000, which comes after it and has no file, is, and" in passed.message


def migrations(*versions: str) -> list[Migration]:
    return [
        Migration(version=version, name="", file=version, text="", whole_text="", transactional=True)
        for version in versions
    ]


@pytest.mark.parametrize(
    ("files", "row", "later"),
    [
        (("1", "3"), "2", True),
        (("1", "3"), "1", False),
        (("1.2", "1.10"), "1.9", True),
        (("0001_a", "0003_b"), "0002_gone", True),
        (("10", "9"), "11", False),  # by text, not by number: nothing is known of the order
        (("1975ea83b712", "ae1027a6acf"), "2", False),
        (("a", "b"), "c", False),
    ],
)
def test_what_comes_later_is_told_by_numbers_alone(files: tuple[str, ...], row: str, later: bool) -> None:
    every = migrations(*files)
    recorded = Recorded(version=row, state="applied", order=0)
    assert (newest_after(every[0], every, [recorded]) is recorded) == later
    failed = Recorded(version="99", state="failed", order=0)
    assert newest_after(every[0], every, [failed]) is None


OFFERS = {
    "supabase": "`supabase migration fetch` writes the files anew from the ledger. "
    "`supabase migration repair --status reverted 1` removes the row.",
    "prisma": "`prisma migrate status` lists it, too; no command of Prisma removes the row.",
    "flyway": "`flyway repair` marks it as deleted.",
    "django": "`python manage.py migrate 1 --prune` removes what is recorded of this app and has no file.",
    "rails": "`bin/rails db:migrate:status` lists it as NO FILE; no command of Rails removes the row.",
    "alembic": "`alembic stamp --purge REVISION` replaces what the ledger has by a revision that has a file.",
    "golang-migrate": "`migrate force VERSION` sets the ledger to a version that has a file.",
}


def test_each_tool_offers_what_it_has_for_a_row_without_a_file() -> None:
    row = Recorded(version="1", state="applied", order=0, statements=("select 1",))
    assert {one.name: text for one in LEDGERS if one.kept and (text := one.kept.lost(row))} == OFFERS
    supabase = next(one.kept for one in LEDGERS if one.kept and one.name == "supabase")
    assert "fetch" not in supabase.lost(replace(row, statements=None))  # from which the CLI would write the file


def test_default_privileges_that_nobody_gave_are_not_there(make_project: MakeProject) -> None:
    """They are those of the role that runs the file: whether another one gave them is not known."""
    url, case = make_project(
        "create schema api;\n",
        "alter default privileges in schema api grant select on tables to public;\n",
        "alter default privileges revoke execute on functions from public;\n",
        "analyze;\n",
    )
    with connect(url) as connection:
        connection.execute("create schema api")
        connection.execute(LEDGER + "('20240101000000'), ('20240103000000'), ('20240104000000')")
    told = judged(url, case, same_version=True)
    assert [one.database for one in told.migrations] == ["there", "not looked at", "not looked at", "nothing to see"]
    assert [one.rule.name for one in told.findings] == ["skipped-migration"]
    assert [one.what for one in told.skipped] == [
        "migration 20240102000000: default privileges postgres.api",
        "migration 20240103000000: alter default privileges … at migrations/20240103000000_m3.sql:1:1",
    ]


@pytest.mark.parametrize(
    ("later", "missed"),
    [
        ("drop table public.t;\ncreate table public.t (id int primary key);\n", False),
        ("drop schema public cascade;\ncreate schema public;\ncreate table public.t (id int primary key);\n", False),
        ("create table public.u (id int);\ndrop table public.u;\nalter table public.t add column n int;\n", True),
    ],
)
def test_what_a_dropped_relation_would_have_had_is_not_missed(
    later: str, missed: bool, make_project: MakeProject
) -> None:
    url, case = make_project(
        "create table public.t (id int primary key);\n",
        "create table if not exists public.t (id int primary key, more int unique);\n",
        later,
        there=f"create table public.t (id int primary key, n int); {LEDGER}"
        "('20240101000000'), ('20240102000000'), ('20240103000000')",
    )
    told = judged(url, case, same_version=True)
    assert ("recorded-not-there" in [one.rule.name for one in told.migrations[1].findings]) == missed
