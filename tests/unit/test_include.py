"""A contract that includes files: what each may hold, and every error with its own place."""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING

import pytest

from sessionaudit.contract import file_text, including, merging, yaml_reader
from sessionaudit.contract.globs import Search
from sessionaudit.contract.loader import load
from sessionaudit.contract.problems import Problems
from sessionaudit.contract.repairs import text_of
from sessionaudit.core.node import Mapping, Source
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "version: 1\ninclude: [parts/*.yaml]\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "main.yaml"


def errors(file: Path, folder: Path) -> list[str]:
    """The errors of a contract, each with its place and hint, with file names relative to the folder."""
    with pytest.raises(ContractError) as caught:
        load(file)
    found = (caught.value, *caught.value.more)
    return [f"{one}|{one.hint}".replace(f"{folder}{os.sep}", "") for one in found]


def test_every_section_may_stand_in_any_file(tmp_path: Path) -> None:
    parts = {
        "main.yaml": "version: 1\nschema: shop\ninclude: [tables/**/*.yaml, rest.yaml]\nrules: {SA303: note}\n",
        "tables/b.yaml": "version: 1\nschema: shop\ntables: {b: {columns: {id: bigint}}}\n",
        "tables/a/a.yaml": "tables: {a: {columns: {id: bigint}}}\nwaivers: [{rule: SA303, object: b.id, reason: x,"
        " until: 2030-01-01}]\n",
        "tables/.hidden.yaml": "not: read\n",
        "rest.yaml": "include: [more/x.yaml]\nenums: {mood: [sad]}\npublications: {p: [a]}\nrules: {SA304: note}\n"
        "invariants:\n  one: {summary: x, violations: select 1, of: a, repair: sql/fix.sql}\n",
        "more/x.yaml": "extensions: [citext]\ninvariants:\n"
        "  two: {summary: x, violations: select 1, of: a, repair: ../sql/fix.sql}\n"
        "  three: {summary: x, violations: select 1, of: a, repair: ./x/../y.sql}\n"
        "trace: {of: a, links: {one: {summary: x, invariant: one}}}\n",
        "sql/fix.sql": "delete from a where id = any (%(keys)s) returning id",
    }
    file = write(tmp_path, parts)
    contract = load(file)
    names = [os.path.relpath(one.file, tmp_path) for one in contract.sources]
    assert names == ["main.yaml", "tables/a/a.yaml", "tables/b.yaml", "rest.yaml", "more/x.yaml"]
    assert contract.schema == "shop"
    places = {path: str(one.location()) for path, one in contract.objects["table"].items()}
    assert places == {
        ("shop", "a"): f"{tmp_path}/tables/a/a.yaml:1:10",
        ("shop", "b"): f"{tmp_path}/tables/b.yaml:3:10",
    }
    assert {*contract.objects["extension"]} == {("citext",)}
    assert len(contract.rules) == 2
    assert str(contract.waivers[0].location) == f"{tmp_path}/tables/a/a.yaml:2:11"
    assert [one.repair for one in contract.invariants] == ["sql/fix.sql", "sql/fix.sql", "more/x/../y.sql"]
    assert str(contract.invariants[1].location) == f"{tmp_path}/more/x.yaml:3:3"
    assert contract.invariants[1].repair is not None
    assert "delete" in text_of(contract.file, contract.invariants[1].repair)
    assert contract.trace is not None


WRONG: dict[str, tuple[dict[str, str], list[str]]] = {
    "a glob that matches nothing": (
        {"main.yaml": MAIN},
        ["main.yaml:2:11: “parts/*.yaml” matches no file|It is relative to the file that includes it."],
    ),
    "a file that does not exist": (
        {"main.yaml": "version: 1\ninclude: [a.yaml, b.yaml]\n", "b.yaml": "tables: {b: {}}\n"},
        [
            "main.yaml:2:11: cannot include a.yaml: No such file or directory|"
            "It is relative to the file that includes it."
        ],
    ),
    "a directory": (
        {"main.yaml": "version: 1\ninclude: [parts]\n", "parts/a.yaml": "tables: {b: {}}\n"},
        ["main.yaml:2:11: cannot include parts: Is a directory|It is relative to the file that includes it."],
    ),
    "outside": (
        {"main.yaml": "version: 1\ninclude: [../x.yaml, parts/../../*.yaml, /etc/passwd, '**/../../*']\n"},
        [
            f"main.yaml:2:{column}: {name} is outside the folder of the contract|"
            "It is relative to the file that includes it, and must be inside the folder of the contract."
            for column, name in ((11, "../x.yaml"), (22, "parts/../../*.yaml"), (42, "/etc/passwd"), (55, "**/../../*"))
        ],
    ),
    "itself": (
        {"main.yaml": "version: 1\ninclude: ['*.yaml']\n"},
        ["main.yaml:2:11: main.yaml includes itself|Keep the files that it includes in a folder of their own."],
    ),
    "a cycle": (
        {"main.yaml": MAIN, "parts/a.yaml": "include: [../b/b.yaml]\n", "b/b.yaml": "include:\n  - ../parts/a.yaml\n"},
        ["b/b.yaml:2:5: ../parts/a.yaml includes itself|parts/a.yaml includes b/b.yaml includes parts/a.yaml."],
    ),
    "twice": (
        {"main.yaml": "version: 1\ninclude: [parts/*.yaml, parts/a.yaml]\n", "parts/a.yaml": "tables: {a: {}}\n"},
        ["main.yaml:2:25: parts/a.yaml is included twice|It is already in line 2."],
    ),
    "an object in two files": (
        {
            "main.yaml": MAIN + "tables: {c: {}}\n",
            "parts/a.yaml": "tables:\n  a: {}\n  public.c: {}\n",
            "parts/b.yaml": "tables:\n  b: {columns: {id: bigint}}\n  '\"a\"': {}\n",
        },
        [
            "parts/a.yaml:3:3: the name public.c is declared twice|It is already in main.yaml:3:10.",
            "parts/b.yaml:3:3: the name public.a is declared twice|It is already in parts/a.yaml:2:3.",
        ],
    ),
    "keys in two files": (
        {
            "main.yaml": MAIN + "rules: {SA303: note}\ntrace: {of: a, links: {}}\ntables: {a: {}}\n"
            "invariants: {x: {summary: x, violations: select 1, of: a}}\n",
            "parts/a.yaml": "rules: {SA303: error}\ntrace: {}\npublications: {p: [a]}\ninvariants: {x: {}}\n",
            "parts/b.yaml": "publications: {p: [b]}\nextensions: [citext]\n",
            "parts/c.yaml": "extensions: [citext]\n",
        },
        [
            "parts/a.yaml:1:9: “SA303” stands in two files|It is already in main.yaml:3:9.",
            "parts/a.yaml:2:1: “trace” stands in two files|It is already in main.yaml:4:1.",
            "parts/a.yaml:4:14: “x” stands in two files|It is already in main.yaml:6:14.",
            "parts/b.yaml:1:16: “p” stands in two files|It is already in parts/a.yaml:3:16.",
            "parts/c.yaml:1:14: the name citext is declared twice|It is already in parts/b.yaml:2:14.",
        ],
    ),
    "several keys in two files, and what is no mapping": (
        {
            "main.yaml": MAIN + "tables: {a: {}}\nrules: {SA303: note, SA304: note}\n"
            "invariants: {x: {summary: x, violations: select 1, of: a}}\n",
            "parts/a.yaml": "rules: {SA304: note, SA303: note}\npublications: {p: [a], q: [a]}\n",
            "parts/b.yaml": "rules: [SA304]\npublications: {q: [b], p: [b]}\n",
            "parts/c.yaml": "rules: {SA303: error}\ninvariants:\n",
        },
        [
            "parts/a.yaml:1:9: “SA304” stands in two files|It is already in main.yaml:4:22.",
            "parts/a.yaml:1:22: “SA303” stands in two files|It is already in main.yaml:4:9.",
            "parts/b.yaml:1:8: expected a mapping, as in another file; found a list|It is already in main.yaml:4:8.",
            "parts/b.yaml:2:16: “q” stands in two files|It is already in parts/a.yaml:2:24.",
            "parts/b.yaml:2:24: “p” stands in two files|It is already in parts/a.yaml:2:16.",
            "parts/c.yaml:1:9: “SA303” stands in two files|It is already in main.yaml:4:9.",
            "parts/c.yaml:2:12: expected a mapping, as in another file; found nothing|It is already in main.yaml:5:13.",
        ],
    ),
    "one rule under two names": (
        {
            "main.yaml": MAIN + "rules: {SA304: note}\ntables: {a: {}}\n",
            "parts/a.yaml": "rules: {foreign-key-target: note}\n",
        },
        ["parts/a.yaml:1:9: the rule foreign-key-target stands in two files|It is already in main.yaml:3:9."],
    ),
    "another version or schema": (
        {"main.yaml": MAIN, "parts/a.yaml": "version: 1\nschema: billing\ntables: {a: {}}\n"},
        [
            "parts/a.yaml:2:9: expected the schema public of main.yaml|"
            "Leave it out, and write the schema before the names: billing.NAME."
        ],
    ),
    "no version": (
        {"main.yaml": "include: [parts/*.yaml]\n", "parts/a.yaml": "version: 1\ntables: {a: {}}\n"},
        ["main.yaml:1:1: a contract must begin with “version: 1”|"],
    ),
    "wrong files": (
        {"main.yaml": MAIN, "parts/a.yaml": "tables: [\n", "parts/b.yaml": "", "parts/c.yaml": "a: {}\n"},
        [
            "parts/a.yaml:2:1: not valid YAML: did not find expected node content|",
            "parts/b.yaml:1:1: the contract is empty|It begins with “version: 1”.",
        ],
    ),
    "an unknown key": (
        {"main.yaml": MAIN, "parts/c.yaml": "tabels: {}\ntables: {a: {columns: {id: 12}}}\n"},
        ["parts/c.yaml:1:1: unknown key “tabels” in a contract|Did you mean “tables”?"],
    ),
    "a glob without quotes": (
        {"main.yaml": "version: 1\ninclude: [*.yaml]\n"},
        ["main.yaml:2:12: not valid YAML: did not find expected alphabetic or numeric character|Quote the text."],
    ),
    "no list": (
        {"main.yaml": "version: 1\ninclude: parts/*.yaml\n"},
        [
            "main.yaml:2:10: expected a list of files, such as include: [tables/*.yaml], found “parts/*.yaml”|"
            "Write a list in brackets: [a, b]."
        ],
    ),
}


@pytest.mark.parametrize(("files", "said"), WRONG.values(), ids=WRONG)
def test_an_error_has_its_file_line_and_hint(files: dict[str, str], said: list[str], tmp_path: Path) -> None:
    found = errors(write(tmp_path, files), tmp_path)
    assert found[: len(said)] == said
    assert len(found) == len(said) or "unknown key" in said[0]


def test_only_regular_files_inside_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    file = write(
        folder, {"main.yaml": MAIN, "parts/a.yaml": "tables: {a: {}}\n", "../secret.yaml": "tables: {s: {}}\n"}
    )
    link = folder / "parts/link.yaml"
    link.symlink_to(tmp_path / "secret.yaml")
    assert [one.split("|")[0] for one in errors(file, folder)] == [
        "main.yaml:2:11: parts/link.yaml is outside the folder of the contract"
    ]
    link.unlink()
    os.mkfifo(link)
    assert "main.yaml:2:11: cannot include parts/link.yaml: it is a device or a pipe" in errors(file, folder)[0]
    link.unlink()
    link.symlink_to(link)
    assert errors(file, folder)[0].startswith("main.yaml:2:11: cannot ")
    link.unlink()
    link.write_bytes("tables: {}".encode("utf-16"))
    assert errors(file, folder)[0].startswith("parts/link.yaml:1:1: the contract is in UTF-16")
    link.write_bytes(b"tables: {a\xff: {}}")
    assert errors(file, folder)[0].startswith("parts/link.yaml:1:11: the byte 0xff is not UTF-8")


def test_a_link_to_a_file_inside_counts_as_that_file(tmp_path: Path) -> None:
    file = write(tmp_path, {"main.yaml": MAIN, "real/a.yaml": "tables: {a: {}}\n"})
    (tmp_path / "parts").symlink_to(tmp_path / "real")
    assert str(load(file).objects["table"]["public", "a"].location()) == f"{tmp_path}/real/a.yaml:1:10"
    (tmp_path / "real/b.yaml").symlink_to("a.yaml")
    assert "parts/b.yaml is included twice" in errors(file, tmp_path)[0]


def test_limits_are_those_of_all_files_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"main.yaml": MAIN} | {f"parts/{number}.yaml": f"tables: {{t{number}: {{}}}}\n" for number in range(10)}
    file = write(tmp_path, files)
    assert len(load(file).relations) == 10
    with monkeypatch.context() as patch:
        patch.setattr(yaml_reader, "MOST_VALUES", 40)
        assert errors(file, tmp_path)[0].startswith("parts/6.yaml:1:14: more than 40 values")
    with monkeypatch.context() as patch:
        patch.setattr(file_text, "MOST_BYTES", 150)
        assert errors(file, tmp_path)[0].startswith("main.yaml:2:11: the contract and what it includes are larger")
    with monkeypatch.context() as patch:
        patch.setattr(including, "MOST_FILES", 9)
        assert errors(file, tmp_path)[0].startswith("main.yaml:2:11: more than 9 files are included|")
    with monkeypatch.context() as patch:
        patch.setattr(including, "MOST_LOOKED", 9)
        assert errors(file, tmp_path)[0].startswith("main.yaml:2:11: “parts/*.yaml” leads through more than 9 names")


def test_settings_of_many_files_are_put_together_once() -> None:
    roots: list[Mapping] = []
    for number in range(2000):
        names = ", ".join(f"i{number}_{one}: x" for one in range(20))
        source = Source(f"{number}.yaml", f"invariants: {{{names}}}\nwaivers: [{', '.join('x' * 20)}]\n")
        roots.append(yaml_reader.composed(source, yaml_reader.MOST_VALUES)[0])
    problems = Problems()
    begun = time.process_time()
    found = merging.settings(tuple(roots), ("invariants", "waivers"), (), problems)
    assert time.process_time() - begun < 1
    assert [len(found["invariants"]), len(found["waivers"])] == [40_000, 40_000]
    assert not problems


def test_a_bomb_of_globs_and_levels_stays_bounded(tmp_path: Path) -> None:
    deep = "/".join("d" * 30)
    write(tmp_path, {f"{deep}/a.yaml": "tables: {a: {}}\n"})
    stars = "/".join(["**", "*"] * 12)
    file = write(tmp_path, {"main.yaml": f"version: 1\ninclude: ['{stars}.yaml', '{'*a' * 300}', '{'**/' * 500}x']\n"})
    begun = time.process_time()
    assert len(errors(file, tmp_path)) == 3
    assert time.process_time() - begun < 20
    chain = {f"c{number}.yaml": f"include: [c{number + 1}.yaml]\n" for number in range(100)}
    write(tmp_path, chain | {"main.yaml": "version: 1\ninclude: [c0.yaml]\n"})
    assert errors(file, tmp_path)[0].startswith("c7.yaml:1:11: files include each other deeper than 8 levels")


def test_neither_many_parts_nor_deep_folders_exhaust_the_stack(tmp_path: Path) -> None:
    too_long, none = f": {os.strerror(errno.ENAMETOOLONG)}|", " matches no file|It is relative to the file"
    many = {"a/": too_long, "a/../": too_long, "*/": none, "**/a/": none}
    file = write(tmp_path, {"main.yaml": f"version: 1\ninclude: {[part * 3000 + '*' for part in many]}\n"})
    begun = time.process_time()
    for one, (part, said) in zip(errors(file, tmp_path), many.items(), strict=True):
        assert f"“{(part * 60)[:60]}…”{said}" in one
    assert time.process_time() - begun < 2
    folders = [tmp_path]
    for _ in range(1500):
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    (folders[-1] / "a.yaml").touch()
    deep = "d/" * 1500
    try:
        for glob in ("d/**/*.yaml", f"{'*/' * 1500}a.yaml", f"{deep}*"):
            assert Search(10_000).found(tmp_path, glob) == [f"{deep}a.yaml"]
    finally:
        (folders[-1] / "a.yaml").unlink()
        for folder in reversed(folders[1:]):
            folder.rmdir()


def test_globs_are_sorted_by_folder_and_name(tmp_path: Path) -> None:
    names = ["b.yaml", "a/z.yaml", "a-b/c.yaml", "a/b/c.yaml", ".h/x.yaml", "a/.x.yaml", "B.yaml", "a/[1].yaml"]
    write(tmp_path, dict.fromkeys(names, ""))
    (tmp_path / "a/loop").symlink_to(tmp_path)
    search = Search(1000)
    assert search.found(tmp_path, "**/*.yaml") == [
        "B.yaml",
        "a/[1].yaml",
        "a/b/c.yaml",
        "a/z.yaml",
        "a-b/c.yaml",
        "b.yaml",
    ]
    assert search.found(tmp_path, "a/**/c.yaml") == ["a/b/c.yaml"]
    assert search.found(tmp_path, "*/?.yaml") == ["a/z.yaml", "a-b/c.yaml"]
    assert search.found(tmp_path, "a/.*.yaml") == ["a/.x.yaml"]
    assert search.found(tmp_path, "a/[[]1].yaml") == ["a/[1].yaml"]
    assert search.found(tmp_path, "nothing/*.yaml") == []
