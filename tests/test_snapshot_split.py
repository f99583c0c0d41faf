"""A contract of a database over several files: it says the same, stays the same, and comes whole or not at all."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from marks import thorough
from servers import connect
from sessionaudit.cli import snapshot_split
from sessionaudit.contract.loader import load
from sessionaudit.snapshot import split_directory, splitting
from sessionaudit.snapshot.splitting import MAIN
from test_snapshot import SHOP, call

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.snapshot.session import Made

MORE = """
create schema "Far/away..";
create table "Far/away.."."Orders" (id integer primary key);
create table "Far/away..".orders (id integer references "Far/away.."."Orders", mood public.mood);
create table "Far/away..".".hidden*" (id integer);
create view totals as select count(*) as n from items;
create materialized view kept as select * from totals;
create function f() returns integer language sql as 'select 1';
create domain amount as numeric check (value > 0);
create sequence numbers;
create publication told for table orders, "Far/away..".orders;
alter table items enable row security;
create policy own on items using (id > 0);
create policy lost on orders using (true);
""".replace("enable row security", "enable row level security")


@pytest.fixture
def shop(database: str) -> str:
    with connect(database) as connection:
        connection.execute(SHOP)
        connection.execute(MORE)
    return database


def tree(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_it_says_what_one_file_says_and_check_finds_nothing(shop: str, tmp_path: Path) -> None:
    folder = tmp_path / "contract"
    code, printed, said = call("snapshot", "-d", shop, "--split", str(folder))
    assert (code, printed) == (0, "")
    assert f"written to {folder / MAIN}" in " ".join(said.split())
    found = tree(folder)
    far = "Far%2faway%2e%2e"
    assert {*found} == {
        MAIN,
        f"{far}/schemas.yaml",
        f"{far}/tables/%2ehidden%2a.yaml",
        f"{far}/tables/Orders~{splitting._digest('Orders')}.yaml",
        f"{far}/tables/orders~{splitting._digest('orders')}.yaml",
        f"{far}/schemas.yaml",
        "public/domains.yaml",
        "public/enums.yaml",
        "public/functions.yaml",
        "public/materialized_views/kept.yaml",
        "public/schemas.yaml",
        "public/sequences.yaml",
        "public/tables/Weird%3b Table.yaml",
        "public/tables/empty.yaml",
        "public/tables/items.yaml",
        "public/tables/orders.yaml",
        "public/views/totals.yaml",
    }
    assert f"include: ['{far}/**/*.yaml', 'public/**/*.yaml']\n" in found[MAIN]
    assert "publications:\n" in found[MAIN]
    assert "waivers:\n" in found[MAIN]
    assert found["public/tables/orders.yaml"].startswith(
        f"# A part of {MAIN}, made by sessionaudit snapshot --split.\nversion: 1\nschema: public\n\ntables:\n"
        "  # What people buy.\n  # Two lines.\n  orders:\n"
    )
    assert call("check", "-d", shop, "-c", str(folder / MAIN), "--fail-on", "note", "--quiet") == (0, "", "")
    single = tmp_path / "single.yaml"
    assert call("snapshot", "-d", shop, "-o", str(single))[0] == 0
    one, several = load(single), load(folder / MAIN)
    assert {kind: dict.fromkeys(found) for kind, found in one.objects.items()} == {
        kind: dict.fromkeys(found) for kind, found in several.objects.items()
    }


def test_it_is_the_same_every_time_and_replaced_only_if_asked(shop: str, tmp_path: Path) -> None:
    folder = tmp_path / "contract"
    folder.mkdir()
    assert call("snapshot", "-d", shop, "--split", str(folder), "--quiet") == (0, "", "")
    first = tree(folder)
    code, _, said = call("snapshot", "-d", shop, "--split", str(folder))
    assert code == 2
    assert "holds a contract" in said
    assert f"--update {folder / MAIN}" in " ".join(said.split())
    with connect(shop) as connection:
        connection.execute("drop view totals cascade")
    assert call("snapshot", "-d", shop, "--split", str(folder), "--overwrite")[0] == 0
    second = tree(folder)
    assert {*first} - {*second} == {"public/views/totals.yaml", "public/materialized_views/kept.yaml"}
    assert all(first[name] == text for name, text in second.items())
    assert not [*folder.glob(".*")]


def _foreign(folder: Path) -> None:
    (folder / "public/tables/mine.yaml").write_text("tables: {mine: {}}\n", encoding="utf-8")


def _note(folder: Path) -> None:
    (folder / "README.md").write_text("# by sessionaudit snapshot --split.\n", encoding="utf-8")


def _link(folder: Path) -> None:
    (folder / "link.yaml").symlink_to(folder / MAIN)


def _folder_link(folder: Path) -> None:
    (folder / "away").symlink_to(folder.parent)


def _empty(folder: Path) -> None:
    (folder / "empty").mkdir()


@pytest.mark.parametrize("beside", [_foreign, _note, _link, _folder_link, _empty])
def test_a_directory_with_something_else_stays_as_it_is(
    beside: Callable[[Path], None], shop: str, tmp_path: Path
) -> None:
    folder = tmp_path / "contract"
    assert call("snapshot", "-d", shop, "--split", str(folder))[0] == 0
    beside(folder)
    before = tree(folder)
    code, _, said = call("snapshot", "-d", "postgresql://127.0.0.1:1/nowhere", "--split", str(folder), "--overwrite")
    assert code == 2
    assert "which snapshot --split did not write, and stays as it is" in " ".join(said.split())
    assert tree(folder) == before


def test_a_directory_that_cannot_be_read_whole_stays_as_it_is(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "contract"
    assert call("snapshot", "-d", shop, "--split", str(folder))[0] == 0
    (folder / "closed").mkdir()
    (folder / "closed/mine").touch()
    before = tree(folder)
    real = os.scandir

    def scandir(path: str | Path | int) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        code, _, said = call("snapshot", "-d", shop, "--split", str(folder), "--overwrite")
    assert (code, "Permission denied" in said) == (2, True)
    assert tree(folder) == before


@pytest.mark.parametrize("number", [1, 4, *map(thorough, (2, 3, 5, 6, 7, 8))])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interruption_leaves_what_there_was(
    number: int, error: BaseException, shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "contract"
    assert call("snapshot", "-d", shop, "--split", str(folder))[0] == 0
    before = tree(folder)
    with connect(shop) as connection:
        connection.execute("drop table empty")
    real, count = Path.rename, iter(range(1, 100))

    def rename(path: Path, target: Path) -> Path:
        if next(count) == number:
            raise error
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        code = call("snapshot", "-d", shop, "--split", str(folder), "--overwrite")[0]
    moves = 6
    assert code == (0 if number > moves else 130 if error is KeyboardInterrupt else 2)
    assert (tree(folder) == before) is (number <= moves)
    assert not [*folder.glob(".*")]


@pytest.mark.parametrize("number", [5, *map(thorough, (4, 6, 7, 8))])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(5, "Input/output error")])
def test_what_cannot_be_put_back_is_kept_and_named(
    number: int, error: BaseException, shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "contract"
    assert call("snapshot", "-d", shop, "--split", str(folder))[0] == 0
    before = tree(folder)
    real, count = Path.rename, iter(range(1, 100))

    def rename(path: Path, target: Path) -> Path:
        if next(count) in {4, number}:  # the second stops the way back, or a part of it
            raise error
        return real(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", rename)
        code, _, said = call("snapshot", "-d", shop, "--split", str(folder), "--overwrite")
    kept = {path.relative_to(folder).parts[2:]: path for path in folder.glob(".*/old/**/*.yaml")}
    for name, text in before.items():
        path = folder / name
        assert (path if path.is_file() else kept[path.relative_to(folder).parts]).read_text(encoding="utf-8") == text
    if kept:
        assert code == 2
        [old] = folder.glob(".*/old")
        assert f"what it held is in {old}" in " ".join(said.split())
    assert bool(kept) is (number in {5, 6, 7})
    assert bool([*folder.glob(".*")]) is bool(kept)


@pytest.mark.parametrize("moment", ["made", "rename", thorough("exchange")])
@pytest.mark.parametrize("name", ["README.md", "public/tables/mine.yaml", thorough(MAIN)])
def test_what_comes_into_the_directory_meanwhile_stays(
    moment: str, name: str, shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "contract"
    assert call("snapshot", "-d", shop, "--split", str(folder))[0] == 0
    place, attribute = {
        "made": (snapshot_split, "make"),
        "exchange": (split_directory, "_exchange"),
        "rename": (Path, "rename"),
    }[moment]
    real = getattr(place, attribute)
    comes = iter([name])

    def first(*words: Any, **options: Any) -> Any:
        for file in comes:
            (folder / file).write_text("mine\n", encoding="utf-8")
        return real(*words, **options)

    before = tree(folder)
    monkeypatch.setattr(place, attribute, first)
    code, _, said = call("snapshot", "-d", shop, "--split", str(folder), "--overwrite")
    assert tree(folder) == before | {name: "mine\n"}
    if moment == "rename" and name == "README.md":  # it is in the way of nothing
        assert code == 0
    else:
        assert code == 2
        assert f"holds {name}, which snapshot --split did not write" in " ".join(said.split())


def test_a_contract_that_comes_meanwhile_is_not_overwritten_unasked(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "contract"
    real = splitting.files

    def files(made: Made) -> dict[str, str]:
        monkeypatch.undo()
        with connect(shop) as connection:
            assert call("snapshot", "-d", shop, "--split", str(folder))[0] == 0
            connection.execute("drop table empty")
        return real(made)

    monkeypatch.setattr(splitting, "files", files)
    code, _, said = call("snapshot", "-d", shop, "--split", str(folder))
    assert (code, "holds a contract" in said) == (2, True)
    assert "public/tables/empty.yaml" in tree(folder)
    assert not [*folder.glob(".*")]


def test_a_new_directory_is_not_left_behind(shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def prove(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(split_directory, "_prove", prove)
    assert call("snapshot", "-d", shop, "--split", str(tmp_path / "new"))[0] == 130
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(("name", "said"), [("file", "is no directory"), ("no/where", "cannot write")])
def test_a_place_that_does_not_fit_is_refused(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, _, told = call("snapshot", "-d", "postgresql://127.0.0.1:1/nowhere", "--split", str(tmp_path / name))
    assert code == 2
    assert said in " ".join(told.split())


def test_it_follows_the_database_file_by_file(shop: str, tmp_path: Path) -> None:
    folder = tmp_path / "contract"
    assert call("snapshot", "-d", shop, "--split", str(folder))[0] == 0
    before = tree(folder)
    with connect(shop) as connection:
        connection.execute("alter table orders add column paid boolean")
        connection.execute(
            "create table new (id integer); create function g() returns integer language sql as 'select 2'"
        )
    assert call("snapshot", "-d", shop, "--update", str(folder / MAIN), "--all", "--quiet")[0] == 0
    after = tree(folder)
    changed = {name for name in after if after[name] != before.get(name) and "view" not in name}
    assert changed == {MAIN, "public/functions.yaml", "public/tables/orders.yaml"}
    assert "  new:\n" in after[MAIN]
    assert call("check", "-d", shop, "-c", str(folder / MAIN), "--fail-on", "note", "--quiet") == (0, "", "")
    assert call("snapshot", "-d", shop, "--split", str(folder), "--overwrite", "--quiet")[0] == 0
    assert "public/tables/new.yaml" in tree(folder)


def test_names_of_files_are_made_once_for_each_folder() -> None:
    schemas = [f"s{number}" for number in range(3000)]
    places: list[tuple[str, ...]] = [(schema, "tables", name) for schema in schemas for name in ("a", "A", "b.")]
    places += [(schema, "functions") for schema in (*schemas, "S7")]
    begun = time.process_time()
    names = splitting._names(places)
    assert time.process_time() - begun < 2
    assert len(set(map(str.casefold, names.values()))) == len(places)
    assert names["s8", "tables", "b."] == "s8/tables/b%2e.yaml"
    assert names["s7", "tables", "a"] == f"s7~{splitting._digest('s7')}/tables/a~{splitting._digest('a')}.yaml"
    assert names["S7", "functions"] == f"S7~{splitting._digest('S7')}/functions.yaml"


def test_files_of_sql_can_be_split_too(tmp_path: Path) -> None:
    sql = tmp_path / "dump.sql"
    sql.write_text(SHOP, encoding="utf-8")
    assert call("snapshot", "--sql", str(sql), "--split", str(tmp_path / "contract"))[0] == 0
    assert "public/tables/orders.yaml" in tree(tmp_path / "contract")
