"""Each migration tool's folder and ledger: read as the tool itself reads them.

`ledgers/TOOL/` has the migrations, and the ledger that the tool made of them, written down as SQL; its first line says
which version made it, or that it is made by documentation only.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from msgspec.structs import replace

from sessionaudit.audits.migrations import ledger_reading
from sessionaudit.audits.migrations.folder import likeliest, listing_of, read_folder, recognise_folder, tool_of
from sessionaudit.audits.migrations.ledger_rows import forgetting, recording
from sessionaudit.audits.migrations.ledgers import BY_NAME, LEDGERS
from sessionaudit.audits.migrations.ledgers.interface import key_of
from sessionaudit.audits.migrations.model import Folder, LedgerContent, LedgerTable, Recorded
from sessionaudit.audits.migrations.recognition import decide
from sessionaudit.core.finding import Skipped
from sessionaudit.errors import UsageError
from sessionaudit.postgres.connection import Address, connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conftest import MakeDatabase

TOOLS = Path(__file__).with_name("ledgers")
WITH_LEDGER = [ledger.name for ledger in LEDGERS if ledger.kept]
SECONDS = 30


def folder_of(tool: str) -> Folder:
    listing = listing_of(TOOLS / tool / "migrations", f"ledgers/{tool}/migrations")
    return read_folder(listing, likeliest(listing))


def made(make_database: MakeDatabase, *texts: str) -> str:
    url = make_database()
    with psycopg.connect(url, autocommit=True) as connection:
        for text in texts:
            connection.execute(text.encode())
    return url


def ledger_sql(tool: str) -> str:
    return (TOOLS / tool / "ledger.sql").read_text(encoding="utf-8")


def content_of(url: str, folder: Folder, table: LedgerTable | None = None) -> LedgerContent | Skipped | None:
    with closing(connect(url)) as connection:
        ledgers = ledger_reading.find(connection, timeout=SECONDS)
        _, found = decide((tool_of(folder),), ledgers.found, tool="", table=table, schema="public")
        if found is None:
            return None
        return ledger_reading.read(connection, found, folder, ledgers.unreadable, timeout=SECONDS)


def shown(content: LedgerContent | Skipped | None) -> list[str]:
    assert isinstance(content, LedgerContent), content
    return [f"{key_of(one)} {one.state}" for one in content.recorded]


# Of each tool: the migrations in its order, with “!” before those that it does not run in one transaction; the files
# that it does not see; what the ledger says; and of each migration whether its file is another than what was applied.
EXPECTED: dict[str, tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[bool | None]]] = {
    "supabase": (
        ["20240101000000", "20240102000000", "20240103000000"],
        ["notes.sql"],
        ["20240101000000 applied", "20240102000000 applied", "20240103000000 applied"],
        [False, False, False],
    ),
    "prisma": (
        ["20240101000000_init", "!20240102000000_index", "20240103000000_again"],
        [],
        ["20240101000000_init applied", "20240102000000_index applied", "20240103000000_again failed"],
        [False, False, False],
    ),
    "flyway": (
        ["1", "!1.2", "!1.10", "2", "a view"],
        ["U2__third.sql"],
        ["1 applied", "1.2 applied", "2 rolled-back", "a view applied", "1.10 failed"],
        [False, True, False, True, False],
    ),
    "drizzle": (
        ["1700000000000", "1700000060000"],
        ["notes.sql"],
        ["1700000000000 applied", "1700000060000 applied"],
        [False, False],
    ),
    "alembic": (
        ["aaaaaaaaaaaa", "000000000000", "bbbbbbbbbbbb", "111111111111", "222222222222"],
        [],
        ["aaaaaaaaaaaa applied", "000000000000 applied", "bbbbbbbbbbbb applied"],
        [None] * 3,
    ),
    "django": (
        ["shop.0001_initial", "billing.0001_initial", "!shop.0002_b"],
        [],
        [
            "shop.0001_initial applied",
            "billing.0001_initial applied",
            "shop.0002_b applied",
        ],
        [None] * 3,
    ),
    "rails": (["20240101000000", "!20240102000000"], [], ["20240101000000 applied"], [None]),
    "node-pg-migrate": (
        ["1700000000000_first", "!1700000000001_second-thing"],
        [],
        ["1700000000000_first applied", "1700000000001_second-thing applied"],
        [None, None],
    ),
    "dbmate": (
        ["20240101000000", "!20240102000000"],
        ["notes.sql"],
        ["20240101000000 applied", "20240102000000 applied"],
        [None, None],
    ),
    "golang-migrate": (["1", "!2", "10"], [], ["1 applied", "2 failed"], [None, None]),
    "goose": (["1", "!2"], [], ["1 applied", "2 rolled-back"], [None, None]),
    "sql-migrate": (
        ["1_first.sql", "!2_second.sql", "10_tenth.sql"],
        [],
        ["1_first.sql applied", "2_second.sql applied", "10_tenth.sql applied"],
        [None] * 3,
    ),
    "diesel": (
        ["00000000000000", "20240102030405", "!20240103000000"],
        [],
        ["00000000000000 applied", "20240102030405 applied"],
        [None, None],
    ),
    "hasura": (["1700000000000", "1700000000001"], [], [], []),
    "plain": (["001_first.sql", "010_tenth.sql"], [], [], []),
}


def test_every_tool_is_here() -> None:
    assert EXPECTED.keys() == BY_NAME.keys()
    assert {path.name for path in TOOLS.iterdir()} == EXPECTED.keys()


@pytest.mark.parametrize("tool", EXPECTED)
def test_every_tool_has_a_paragraph_that_says_whether_it_was_seen(tool: str) -> None:
    text = (TOOLS.parents[1] / "docs" / "migrations.md").read_text(encoding="utf-8")
    (paragraph,) = [one for one in text.split("\n\n") if one.startswith((f"**{BY_NAME[tool].title}**", f"**{tool}**"))]
    if tool in WITH_LEDGER:
        first = ledger_sql(tool).splitlines()[0]
        assert first.startswith("-- What ") != ("(by documentation)" in paragraph)
        assert ("*seen*" in paragraph) != ("(by documentation)" in paragraph)


@pytest.mark.parametrize("tool", EXPECTED)
def test_a_folder_is_read_as_its_tool_does(tool: str) -> None:
    folder = folder_of(tool)
    versions, ignored, _, _ = EXPECTED[tool]
    assert folder.tool == tool
    assert [f"{'' if one.transactional else '!'}{key_of(one)}" for one in folder.migrations] == versions
    assert [one.file for one in folder.ignored] == [f"ledgers/{tool}/migrations/{name}" for name in ignored]
    assert folder.duplicates == ()
    assert all(one.file.startswith(f"ledgers/{tool}/migrations/") for one in folder.migrations)
    assert tool_of(folder).code == any(not one.is_sql for one in folder.migrations) or tool == "node-pg-migrate"
    for one in folder.migrations:
        assert "drop table" not in one.text
        file = TOOLS.parent / one.file
        assert one.whole_text.encode() == file.read_bytes()


@pytest.mark.parametrize("tool", WITH_LEDGER)
def test_a_ledger_is_read_as_the_tool_left_it(tool: str, make_database: MakeDatabase) -> None:
    folder = folder_of(tool)
    _, _, recorded, edited = EXPECTED[tool]
    content = content_of(made(make_database, ledger_sql(tool)), folder)
    assert shown(content) == recorded
    assert isinstance(content, LedgerContent)
    assert content.ledger == tool
    by = {key_of(one): one for one in content.recorded}
    said = [tool_of(folder).edited(one, by[key_of(one)]) for one in folder.migrations if key_of(one) in by]
    assert said == edited


@pytest.mark.parametrize("tool", WITH_LEDGER)
def test_a_ledger_is_found_wherever_it_is_kept(tool: str, make_database: MakeDatabase) -> None:
    folder = folder_of(tool)
    kept = tool_of(folder).kept
    assert kept is not None
    moved = "".join(
        f'alter table {name} set schema "My ""Schema";\n'
        for name in (kept.usual, *(["ar_internal_metadata"] if tool == "rails" else []))
    )
    url = made(make_database, 'create schema "My ""Schema"', ledger_sql(tool), moved)
    table = LedgerTable('My "Schema', kept.usual.rpartition(".")[2])
    assert content_of(url, folder) is None
    assert shown(content_of(url, folder, table)) == EXPECTED[tool][2]


def test_a_ledger_is_told_from_all_others(make_database: MakeDatabase) -> None:
    """Several tools call their table schema_migrations: the columns tell them apart, and what stands beside."""
    texts = [(f'create schema "of {one}"', f'set search_path = "of {one}"', ledger_sql(one)) for one in WITH_LEDGER]
    with closing(connect(made(make_database, *(text for several in texts for text in several)))) as connection:
        found = ledger_reading.find(connection, timeout=SECONDS).found
    assert sorted(one.ledger.name for one in found) == sorted(WITH_LEDGER)


def test_the_tables_of_a_platform_and_of_an_application_are_no_ledgers(make_database: MakeDatabase) -> None:
    url = made(
        make_database,
        "create schema realtime; create table realtime.schema_migrations (version bigint, inserted_at timestamp)",
        "create schema storage",
        "create table storage.migrations (id integer, name varchar, hash varchar, executed_at timestamp)",
        "create table jobs (id text primary key, applied_at timestamptz, state text)",
        "create table apps (id bigint primary key, version text, name text, checksum text, created_at bigint)",
        "create view pgmigrations as select 1 as id, 'a'::text as name, now() as run_on",
    )
    with closing(connect(url)) as connection:
        assert ledger_reading.find(connection, timeout=SECONDS).found == ()


def test_a_ledger_that_may_not_be_read_is_told(make_database: MakeDatabase) -> None:
    folder = folder_of("supabase")
    url = made(make_database, ledger_sql("supabase"))
    user = "ledger_reader"
    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("select 1 from pg_roles where rolname = 'ledger_reader'").fetchone():
            connection.execute("create role ledger_reader")

    def read_as_user() -> LedgerContent | Skipped | None:
        with closing(connect(Address(url, user))) as connection:
            ledgers = ledger_reading.find(connection, timeout=SECONDS)
            _, found = decide((tool_of(folder),), ledgers.found, tool="", table=None, schema="public")
            assert found is not None
            return ledger_reading.read(connection, found, folder, ledgers.unreadable, timeout=SECONDS)

    skipped = read_as_user()
    assert isinstance(skipped, Skipped)
    assert skipped.what == "the ledger supabase_migrations.schema_migrations"
    assert "grant usage on schema supabase_migrations to ledger_reader" in skipped.hint
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("grant usage on schema supabase_migrations to ledger_reader")
        connection.execute("grant select on supabase_migrations.schema_migrations to ledger_reader")
        assert isinstance(read_as_user(), LedgerContent)
        connection.execute("alter table supabase_migrations.schema_migrations enable row level security")
    assert isinstance(read_as_user(), Skipped)  # it would see no rows, which says nothing of those that are there


def test_only_a_version_is_enough_where_supabase_keeps_its_ledger(make_database: MakeDatabase) -> None:
    """Old versions of the CLI record neither statements nor names: then whether a file was edited is not known."""
    url = made(
        make_database,
        "create schema supabase_migrations",
        "create table supabase_migrations.schema_migrations (version text primary key)",
        "insert into supabase_migrations.schema_migrations values ('20240102000000')",
    )
    folder = folder_of("supabase")
    content = content_of(url, folder)
    assert shown(content) == ["20240102000000 applied"]
    assert isinstance(content, LedgerContent)
    assert tool_of(folder).edited(folder.migrations[1], content.recorded[0]) is None


@pytest.mark.parametrize(
    ("recorded", "edited"),
    [
        (["create table a (id int)", "insert into a values (1)"], False),
        (["create table a (id int);\r\n\r\ninsert into a values (1);"], False),
        (["create table a (id int)"], True),
        (["create table a (id int)", "insert into a values (2)"], True),
        (["create table a (id int)", "insert into a values (1)", "select 1"], True),
        (["create  table a (id int)", "insert into a values (1)"], True),
        ([], True),
    ],
)
def test_statements_are_compared_whoever_divided_them(recorded: list[str], edited: bool) -> None:
    one = replace(
        folder_of("supabase").migrations[0], text="create table a (id int);\n\ninsert into a values (1)\n;;\n"
    )
    row = Recorded(version=one.version, state="applied", order=0, statements=tuple(recorded))
    assert BY_NAME["supabase"].edited(one, row) is edited
    crlf = replace(one, text=one.text.replace("\n", "\r\n"))
    assert BY_NAME["supabase"].edited(crlf, row) is edited


@pytest.mark.parametrize("tool", ["prisma", "drizzle", "flyway"])
def test_line_ends_that_git_changes_are_no_edit(tool: str, make_database: MakeDatabase) -> None:
    folder = folder_of(tool)
    content = content_of(made(make_database, ledger_sql(tool)), folder)
    assert isinstance(content, LedgerContent)
    first = folder.migrations[0]
    row = next(one for one in content.recorded if key_of(one) == key_of(first))
    crlf = replace(first, whole_text=first.whole_text.replace("\n", "\r\n"))
    changed = replace(first, whole_text=first.whole_text.replace("a", "z", 1))
    edited = tool_of(folder).edited
    assert (edited(first, row), edited(crlf, row), edited(changed, row)) == (False, False, True)


def test_the_rows_of_libraries_are_told_apart(make_database: MakeDatabase) -> None:
    folder = folder_of("django")
    content = content_of(made(make_database, ledger_sql("django")), folder)
    assert isinstance(content, LedgerContent)
    assert [one.version for one in content.outside] == [
        "contenttypes.0001_initial",
        "contenttypes.0002_remove_content_type_name",
    ]


def test_one_that_replaces_others_is_applied_when_they_are(tmp_path: Path, make_database: MakeDatabase) -> None:
    folder = tmp_path / "shop" / "migrations"
    folder.mkdir(parents=True)
    text = """
class Migration(migrations.Migration):
    replaces = [("shop", "0001_initial"), ("shop", "0002_b")]
    dependencies = []
"""
    (folder / "0001_squashed_0002_b.py").write_text(text, encoding="utf-8")
    listing = listing_of(tmp_path, "here")
    squashed = read_folder(listing, likeliest(listing))
    content = content_of(made(make_database, ledger_sql("django")), squashed)
    assert shown(content) == ["shop.0001_squashed_0002_b applied"]
    assert isinstance(content, LedgerContent)
    assert len(content.outside) == 5


def test_a_baseline_stands_for_what_came_before(make_database: MakeDatabase) -> None:
    folder = folder_of("flyway")
    url = made(
        make_database,
        ledger_sql("flyway"),
        "delete from flyway_schema_history",
        "insert into flyway_schema_history"
        " values (1, '1.3', '<< Flyway Baseline >>', 'BASELINE', 'x', null, 'a', now(), 0, true)",
    )
    content = content_of(url, folder)
    assert shown(content) == ["1 applied", "1.2 applied"]
    assert isinstance(content, LedgerContent)
    assert [one.version for one in content.outside] == ["1.3"]


# What contradicts, or is not told.


def decided(make_database: MakeDatabase, shapes: Sequence[str], *texts: str, tool: str = "", table: str = "") -> str:
    named = LedgerTable(*table.split(".")) if table else None
    with closing(connect(made(make_database, *texts))) as connection:
        found = ledger_reading.find(connection, timeout=SECONDS).found
    ledger, one = decide([BY_NAME[name] for name in shapes], found, tool=tool, table=named, schema="public")
    return f"{ledger.name} {'.'.join(one.table) if one else '-'}"


def test_the_contract_decides_what_the_files_leave_open(make_database: MakeDatabase) -> None:
    both = (ledger_sql("supabase"), ledger_sql("drizzle"))
    assert decided(make_database, ["drizzle", "supabase"], both[0]) == "supabase supabase_migrations.schema_migrations"
    assert (
        decided(make_database, ["drizzle", "supabase"], *both, tool="drizzle") == "drizzle drizzle.__drizzle_migrations"
    )
    assert decided(make_database, [], *both[:1]) == "supabase supabase_migrations.schema_migrations"
    assert decided(make_database, []) == "plain -"
    assert decided(make_database, ["dbmate"], both[0]) == "dbmate -"
    with pytest.raises(UsageError, match=r"ledgers of Drizzle .* and Supabase") as caught:
        decided(make_database, ["drizzle", "supabase"], *both)
    assert "tool" in caught.value.hint
    with pytest.raises(UsageError, match=r"the files are of dbmate, but .* is by its columns a ledger of Supabase"):
        decided(make_database, ["dbmate"], *both, table="supabase_migrations.schema_migrations")
    with pytest.raises(UsageError, match=r"public\.nowhere, .* is not there") as caught:
        decided(make_database, ["supabase"], *both, table="public.nowhere")
    assert "supabase_migrations.schema_migrations" in caught.value.hint


def test_several_ledgers_of_a_tool_are_told_apart_by_the_contract(make_database: MakeDatabase) -> None:
    one = "create table schema_migrations (version character varying primary key)"
    other = "create schema auth; create table auth.schema_migrations (version character varying primary key)"
    assert decided(make_database, ["dbmate"], one, other) == "dbmate public.schema_migrations"
    assert (
        decided(make_database, ["dbmate"], one, other, table="auth.schema_migrations")
        == "dbmate auth.schema_migrations"
    )
    assert decided(make_database, ["dbmate"], other) == "dbmate -"
    assert decided(make_database, [], other, ledger_sql("supabase")).startswith("supabase ")
    renamed = one.replace("schema_migrations", "versions")
    assert decided(make_database, ["dbmate"], renamed) == "dbmate public.versions"
    assert decided(make_database, [], renamed) == "plain -"
    with pytest.raises(UsageError, match=r"several ledgers of dbmate: public\.older, public\.versions"):
        decided(make_database, ["dbmate"], renamed, one.replace("schema_migrations", "older"))


def test_a_folder_may_be_of_several_tools(tmp_path: Path) -> None:
    folder = tmp_path / "supabase" / "migrations"
    (folder / "meta").mkdir(parents=True)
    (folder / "meta" / "_journal.json").write_text('{"entries": [{"when": 1, "tag": "20240101000000_a"}]}')
    (folder / "20240101000000_a.sql").write_text("select 1;")
    listing = listing_of(folder, "supabase/migrations")
    assert [ledger.name for ledger in recognise_folder(listing)] == ["drizzle", "supabase"]


@pytest.mark.parametrize("tool", [name for name in WITH_LEDGER if (kept := BY_NAME[name].kept) and kept.row])
def test_a_row_may_be_added_and_removed_as_the_tool_would_have(tool: str, make_database: MakeDatabase) -> None:
    """Twice, as the tool's own row is in the way of a second one; the columns are those that the tool fills."""
    folder = folder_of(tool)
    url = made(make_database, ledger_sql(tool))
    content = content_of(url, folder)
    assert isinstance(content, LedgerContent)
    ledger, table = tool_of(folder), content.table

    def after(*statements: str) -> dict[str, Recorded]:
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
        found = content_of(url, folder)
        assert isinstance(found, LedgerContent)
        return {key_of(one): one for one in found.recorded}

    for migration in folder.migrations:
        known = content.recorded[0]
        row = replace(known, version=migration.version, name=migration.name)
        forget = forgetting(ledger, table, row)
        assert key_of(migration) not in after(forget, forget)
    record = [recording(ledger, table, one) for one in folder.migrations]
    found = after(*record, *record)
    for migration in folder.migrations:
        assert found[key_of(migration)].state == "applied"
        assert not ledger.edited(migration, found[key_of(migration)])
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(psycopg.sql.SQL("table {}").format(psycopg.sql.Identifier(*table))).fetchall()
    own = 1 if tool in {"goose", "flyway"} else 0  # a row that is of no migration
    assert len(rows) == len(found) + len(content.outside) + own


@pytest.mark.parametrize("tool", ["alembic", "golang-migrate", "plain"])
def test_where_no_single_row_stands_for_a_migration_the_tool_must_correct_it(tool: str) -> None:
    folder = folder_of(tool)
    row = Recorded(version=folder.migrations[0].version, state="applied", order=0)
    table = LedgerTable("public", "x")
    assert (recording(tool_of(folder), table, folder.migrations[0]), forgetting(tool_of(folder), table, row)) == (
        "",
        "",
    )


def test_what_a_row_says_is_quoted() -> None:
    one = replace(folder_of("supabase").migrations[0], version="1'; drop table a; --", text="select '\\';")
    said = recording(BY_NAME["supabase"], LedgerTable("a", 'b"c'), one)
    assert said.startswith("""insert into "a"."b""c" ("version", "name", "statements")""")
    assert "'1''; drop table a; --'" in said
    assert "E'select ''\\\\'''" in said
