"""How the files of each tool are seen: their order, what is cut off, what is ignored, and what cannot be read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sessionaudit.audits.migrations.folder import likeliest, listing_of, read_folder
from sessionaudit.audits.migrations.ledgers import BY_NAME, upward
from sessionaudit.audits.migrations.ledgers.checksums import crc32_of_lines
from sessionaudit.audits.migrations.ledgers.flyway import canonical
from sessionaudit.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.audits.migrations.model import Folder


def written(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


def read(root: Path, tool: str = "") -> Folder:
    listing = listing_of(root, "db")
    return read_folder(listing, BY_NAME[tool] if tool else likeliest(listing))


@pytest.mark.parametrize(
    ("tool", "names", "order", "ignored"),
    [
        ("supabase", "2_b 10_a 20240101000000_c x 1", "10_a 2_b 20240101000000_c", "1 x"),
        ("supabase", "20200101000000_init 20200102000000_init", "20200102000000_init", "20200101000000_init"),
        ("supabase", "20220101000000_init", "20220101000000_init", ""),
        ("supabase", "20240101000000_a below/20240102000000_b", "20240101000000_a", "below/20240102000000_b"),
        ("flyway", "V2__b V1.10__a V1.9__c B1__d U1__e x", "V1.9__c V1.10__a V2__b", "B1__d U1__e x"),
        ("flyway", "R__b R__a V3__c a/V1__d V20240101.1__e", "a/V1__d V3__c V20240101.1__e R__a R__b", ""),
        ("dbmate", "2_b 10_a x", "10_a 2_b", "x"),
        ("goose", "2_b 10_a 3", "2_b 10_a", "3"),
        ("sql-migrate", "2_b 10_a x", "2_b 10_a x", ""),
        ("golang-migrate", "2_b.up 10_a.up 2_b.down 3_c", "2_b.up 10_a.up", "3_c"),
        (
            "node-pg-migrate",
            "1700000000000_a 20230101000000000_b 5_c x",
            "5_c 20230101000000000_b 1700000000000_a",
            "x",
        ),
        ("node-pg-migrate", "1_a.up 1_a.down 2_b", "1_a.up 2_b", ""),
        ("prisma", "2_b/migration 1_a/migration 1_a/other x", "1_a/migration 2_b/migration", "1_a/other x"),
        ("diesel", "2024-01-02-000000_b/up 1_a/up 1_a/down x", "1_a/up 2024-01-02-000000_b/up", "x"),
        ("hasura", "10_b/up 9_a/up 9_a/down x", "9_a/up 10_b/up", "x"),
        ("plain", "b a.up a.down c.up", "a.up b c.up", ""),
        ("plain", "b/up a/up a/down", "a/up b/up", ""),
    ],
)
def test_files_are_seen_in_the_order_of_the_tool(
    tool: str, names: str, order: str, ignored: str, tmp_path: Path
) -> None:
    folder = read(written(tmp_path, {f"{name}.sql": "" for name in names.split()}), tool)
    assert [one.file for one in folder.migrations] == [f"db/{name}.sql" for name in order.split()]
    assert [one.file for one in folder.ignored] == [f"db/{name}.sql" for name in ignored.split()]
    assert all(one.why for one in folder.ignored)


@pytest.mark.parametrize(
    ("tool", "names", "versions"),
    [
        ("supabase", "20240101000000_a 20240101000000_b 20240102000000_c", ["20240101000000"]),
        ("flyway", "V1__a V1.0__b V01__c V2__d R__a R__b", ["1"]),
        ("golang-migrate", "1_a.up 001_b.up 2_c.up", ["1"]),
        ("goose", "01_a 1_b", ["1"]),
        ("prisma", "20240101000000_a/migration 20240101000000_b/migration", []),
    ],
)
def test_files_of_one_version_are_duplicates(tool: str, names: str, versions: list[str], tmp_path: Path) -> None:
    folder = read(written(tmp_path, {f"{name}.sql": "" for name in names.split()}), tool)
    assert [several[0].version for several in folder.duplicates] == versions
    assert all(len(several) > 1 for several in folder.duplicates)


UP, DOWN = "create table a ();\n", "drop table a;\n"


@pytest.mark.parametrize(
    ("tool", "text", "upward_text"),
    [
        ("dbmate", f"-- migrate:up\n{UP}-- migrate:down\n{DOWN}", f"-- migrate:up\n{UP}"),
        ("goose", f"-- +goose Up\n{UP}-- +goose Down\n{DOWN}", f"-- +goose Up\n{UP}"),
        ("sql-migrate", f"-- +migrate Up\n{UP}-- +migrate Down\n{DOWN}", f"-- +migrate Up\n{UP}"),
        (
            "sql-migrate",
            f"-- +migrate Down\n{DOWN}-- +migrate Up\n{UP}",
            f"{' ' * 16}\n{' ' * 13}\n-- +migrate Up\n{UP}",
        ),
        ("node-pg-migrate", f"-- Up Migration\n{UP}--- DOWN  migration ---\n{DOWN}", f"-- Up Migration\n{UP}"),
        ("plain", f"{UP}-- +goose Down\n{DOWN}", UP),
        ("supabase", f"{UP}-- migrate:down\n{DOWN}", f"{UP}-- migrate:down\n{DOWN}"),
        ("plain", f"{UP}select '-- migrate:down';\n", f"{UP}select '-- migrate:down';\n"),
    ],
)
def test_what_takes_a_migration_back_is_cut_off(tool: str, text: str, upward_text: str, tmp_path: Path) -> None:
    for mark, ends in (("", "\n"), ("\ufeff", "\r\n")):
        name = f"{len(mark)}_a.sql"
        whole = mark + text.replace("\n", ends)
        written(tmp_path, {name: whole})
        one = next(one for one in read(tmp_path, tool).migrations if one.file == f"db/{name}")
        assert one.text == upward_text.replace("\n", ends)
        assert one.whole_text == whole


CONCURRENT = "create index concurrently i on a (b);"


@pytest.mark.parametrize(
    ("tool", "text", "transactional"),
    [
        ("supabase", f"{UP}{CONCURRENT}", False),
        ("supabase", "alter table a detach partition b concurrently", True),
        ("supabase", f"-- {CONCURRENT}\n{UP}", True),
        ("supabase", "do $$ begin execute 'vacuum'; end $$; alter type a add value 'b'", True),
        ("supabase", f"begin;\n{UP}commit;", True),
        ("supabase", "select 'not closed", True),
        ("prisma", CONCURRENT, False),
        ("prisma", f"{UP}{CONCURRENT}", True),
        ("flyway", f"{UP}{CONCURRENT}", False),
        ("flyway", "alter type a add value 'b'", True),
        ("golang-migrate", "vacuum", False),
        ("golang-migrate", f"{UP}vacuum", True),
        ("dbmate", f"-- migrate:up\n{CONCURRENT}", True),
        ("dbmate", f"-- migrate:up transaction:false\n{CONCURRENT}", False),
        ("dbmate", f"-- migrate:up transaction:false\n{UP}{UP}", True),
        ("goose", CONCURRENT, True),
        ("goose", f"-- +goose NO TRANSACTION\n{UP}", False),
        ("sql-migrate", f"-- +migrate Up notransaction\n{UP}", False),
        ("drizzle", CONCURRENT, True),
        ("plain", CONCURRENT, True),
    ],
)
def test_a_tool_runs_a_file_in_one_transaction_or_not(
    tool: str, text: str, transactional: bool, tmp_path: Path
) -> None:
    name = {"prisma": "1_a/migration.sql", "flyway": "V1__a.sql", "golang-migrate": "1_a.up.sql"}.get(tool, "1_a.sql")
    journal = '{"entries": [{"when": 1, "tag": "1_a"}]}'
    folder = read(written(tmp_path, {name: text, "meta/_journal.json": journal}), tool)
    assert [one.transactional for one in folder.migrations] == [transactional]


@pytest.mark.parametrize(
    ("names", "tool"),
    [
        ({"20240101000000_a.sql": ""}, "supabase"),
        ({"20240101000000_a.sql": "", "notes.sql": ""}, "plain"),
        ({"20240101000000_a.sql": "-- migrate:up\n"}, "dbmate"),
        ({"20240101000000_a.sql": "-- +goose Up\n"}, "goose"),
        ({"20240101000000_a.sql": "-- Down migration: none"}, "supabase"),
        ({"1700000000000_a.js": "", "1700000000001_b.sql": ""}, "node-pg-migrate"),
        ({"1_a.sql": "-- Up Migration\n"}, "node-pg-migrate"),
        ({"a/migration.sql": ""}, "prisma"),
        ({"a/migration.sql": "", "b.sql": ""}, "plain"),
        ({"1700000000000_a/up.sql": ""}, "hasura"),
        ({"2024-01-01-000000_a/up.sql": ""}, "diesel"),
        ({"00_a/up.sql": ""}, "plain"),
        ({"V1__a.sql": "", "R__b.sql": ""}, "flyway"),
        ({"V1__a.sql": "", "seed.sql": ""}, "plain"),
        ({"001_a.up.sql": "", "001_a.down.sql": ""}, "golang-migrate"),
        ({"001_a.up.sql": "", "002_b.sql": ""}, "plain"),
        ({"meta/_journal.json": '{"entries": []}'}, "drizzle"),
        ({"a/migrations/0001_initial.py": "class Migration(migrations.Migration): pass"}, "django"),
        ({"a/migrations/0001_initial.py": "revision = 1"}, "plain"),
        ({"versions/x.py": "revision = 'a'\ndown_revision = None\n"}, "alembic"),
        ({"20240101000000_a.rb": "class A < ActiveRecord::Migration[7.0]"}, "rails"),
        ({"readme.md": ""}, "plain"),
        ({}, "plain"),
        ({"node_modules/a/migration.sql": "", ".git/1_a.up.sql": ""}, "plain"),
    ],
)
def test_a_folder_tells_its_tool_by_its_shape(names: dict[str, str], tool: str, tmp_path: Path) -> None:
    assert likeliest(listing_of(written(tmp_path, names), "db")).name == tool


@pytest.mark.parametrize(
    ("files", "tool", "message"),
    [
        ({}, "drizzle", "has no meta/_journal.json"),
        ({"meta/_journal.json": "["}, "drizzle", "db/meta/_journal.json is not a journal of Drizzle"),
        ({"meta/_journal.json": "{}"}, "drizzle", "is not a journal of Drizzle"),
        ({"meta/_journal.json": '{"entries": [{"when": "x", "tag": "a"}]}'}, "drizzle", "is not a journal"),
        ({"meta/_journal.json": "[" * 100_000}, "drizzle", "is not a journal"),
    ],
)
def test_what_cannot_be_read_is_told(files: dict[str, str], tool: str, message: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(UsageError) as caught:
        read(tmp_path, tool)
    assert message in caught.value.message


def test_a_file_that_the_journal_names_and_that_is_not_there_is_told(tmp_path: Path) -> None:
    journal = '{"entries": [{"when": 2, "tag": "b"}, {"when": 1, "tag": "../../etc/passwd"}]}'
    folder = read(written(tmp_path, {"meta/_journal.json": journal, "b.sql": UP}))
    assert [one.version for one in folder.migrations] == ["2"]
    assert [(one.file, "not there" in one.why) for one in folder.ignored] == [("db/../../etc/passwd.sql", True)]


def test_one_file_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    written(tmp_path, {"01.sql": "\ufeff" + UP, "08.sql": UP})
    (tmp_path / "02.sql").write_bytes(b"-- caf\xe9\n")
    (tmp_path / "03.sql").write_bytes(UP.encode("utf-16"))
    (tmp_path / "04.sql").mkdir()
    (tmp_path / "05.sql").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "06.sql")
    with (tmp_path / "07.sql").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    found = {one.version.removesuffix(".sql"): one for one in read(tmp_path).migrations}
    assert {name: one.unread.why if one.unread else "" for name, one in found.items()} == {
        "01": "",
        "02": "it is not UTF-8 (line 1, byte 7)",
        "03": "it is UTF-16, which PostgreSQL does not take",
        "04": "it is a directory",
        "05": "no such file or directory",
        "06": "it is a device or a pipe, not a regular file",
        "07": "it is larger than 64 MiB",
        "08": "",
    }
    assert found["01"].text == UP


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.sql"
    secret.write_text("select 'secret'")
    folder = written(tmp_path / "all", {"01.sql": UP, "a/02.sql": UP})
    (folder / "03.sql").symlink_to(secret)
    (folder / "04.sql").symlink_to("../secret.sql")
    (folder / "05.sql").symlink_to("a/02.sql")
    (folder / "06.sql").symlink_to("01.sql")
    (folder / "07.sql").symlink_to("07.sql")
    linked = tmp_path / "linked"
    linked.symlink_to(folder)
    for root in (folder, linked):
        found = {one.version: one for one in read(root, "plain").migrations}
        why = {name.removesuffix(".sql"): one.unread.why if one.unread else "" for name, one in found.items()}
        assert why["03"] == why["04"] == "it is a link out of the folder"
        assert why["01"] == why["05"] == why["06"] == ""
        assert why["07"]
        assert not any("secret" in one.text for one in found.values())


def test_links_in_a_circle_are_not_followed(tmp_path: Path) -> None:
    written(tmp_path, {"a/migration.sql": UP})
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    assert [one.file for one in read(tmp_path).migrations] == ["db/a/migration.sql"]


@pytest.mark.parametrize(
    ("said", "version"), [("1", "1"), ("1.0", "1"), ("001_02", "1.2"), ("0", "0"), ("2024.01.0.0", "2024.1")]
)
def test_versions_of_flyway_are_numbers(said: str, version: str) -> None:
    assert canonical(said) == version


def test_the_checksum_of_flyway_is_that_of_java() -> None:
    """As java.util.zip.CRC32 has it of the bytes of each line, cast to int."""
    assert crc32_of_lines("create table a (id integer);\n\ncreate table b (id integer);\n") == -1234453361
    assert crc32_of_lines("\ufeffcreate table a (id integer);\r\n\r\ncreate table b (id integer);") == -1234453361


def test_a_text_without_marks_stays_as_it_is() -> None:
    assert upward.upward(UP, upward.ANY) == UP
    assert upward.upward("", upward.ANY) == ""


def test_programs_that_stand_on_each_other_in_a_circle_are_read_all_the_same(tmp_path: Path) -> None:
    text = "revision = '{}'\ndown_revision = ('{}',)\n"
    files = {"a.py": text.format("a", "b"), "b.py": text.format("b", "a"), "c.py": text.format("c", "c")}
    folder = read(written(tmp_path, files))
    assert folder.tool == "alembic"
    assert sorted(one.version for one in folder.migrations) == ["a", "b", "c"]


def test_what_flyway_replaces_is_not_known(tmp_path: Path) -> None:
    """The rest is: a dollar quote is no placeholder, and a file may say that it has none."""
    root = written(
        tmp_path,
        {
            "V1__a.sql": "create table ${schema}.a (id int);",
            "V2__b.sql": "do $$ begin null; end $$; select '$ {x}', '${}';",
            "V3__c.sql": "select '${x}';",
            "V3__c.sql.conf": "placeholderReplacement=false\n",
        },
    )
    said = [one.unread.why if one.unread else "" for one in read(root, "flyway").migrations]
    assert said == [
        "Flyway replaces the placeholder ${schema} before it sends the file, and by what is not known",
        "",
        "",
    ]
