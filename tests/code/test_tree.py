"""Which files of a directory are read: what people wrote, wherever it stands, and nothing from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessionaudit.audits.code.tree import source_tree

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = frozenset((".ts",))


def made(place: Path, *names: str) -> Path:
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("")
    return place


def read(place: Path, *exclude: str) -> list[str]:
    tree = source_tree([place], SUFFIXES, exclude)
    return [one.path.relative_to(place).as_posix() for one in tree.files]


@pytest.mark.parametrize("name", ["build", "dist", "out", "target", "coverage", "vendor"])
def test_what_a_tool_makes_stands_at_the_top_of_a_project(tmp_path: Path, name: str) -> None:
    place = made(tmp_path, "package.json", f"{name}/a.ts", f"app/api/{name}/route.ts")
    made(place, "packages/one/tsconfig.json", f"packages/one/{name}/a.ts", f"packages/one/src/{name}/b.ts")
    assert read(place) == [f"app/api/{name}/route.ts", f"packages/one/src/{name}/b.ts"]


def test_what_is_installed_is_not_read(tmp_path: Path) -> None:
    assert read(made(tmp_path, "node_modules/a.ts", "src/node_modules/a.ts", ".next/a.ts", "a.ts")) == ["a.ts"]


@pytest.mark.parametrize(
    ("glob", "left"),
    [
        ("**/*.gen.ts", ["b/c/d.ts", "b/d.ts"]),
        ("b/**/*.ts", ["a.gen.ts"]),
        ("./b/**/d.ts", ["a.gen.ts", "b/a.gen.ts"]),
        ("**/c", ["a.gen.ts", "b/a.gen.ts", "b/d.ts"]),
        ("d.ts", ["a.gen.ts", "b/a.gen.ts"]),
        ("x**/d.ts", ["a.gen.ts", "b/a.gen.ts", "b/c/d.ts", "b/d.ts"]),
    ],
)
def test_two_asterisks_may_stand_for_no_directory(tmp_path: Path, glob: str, left: list[str]) -> None:
    assert read(made(tmp_path, "a.gen.ts", "b/a.gen.ts", "b/d.ts", "b/c/d.ts"), glob) == left


def test_a_link_to_a_file_elsewhere_is_told_of(tmp_path: Path) -> None:
    made(tmp_path, "elsewhere/secret.ts", "elsewhere2.ts", "src/a.ts", "src2/b.ts")
    for name, target in (("one.ts", "elsewhere/secret.ts"), ("two.ts", "src/a.ts"), ("three.ts", "src2/b.ts")):
        (tmp_path / "src" / name).symlink_to(tmp_path / target)
    (tmp_path / "src" / "four.ts").symlink_to("four.ts")
    tree = source_tree([tmp_path / "src"], SUFFIXES)
    assert {one.path.name for one in tree.files} <= {"a.ts", "two.ts"}
    assert len(tree.files) == 1
    told = sorted((one.what.rpartition("/")[2], one.reason.partition(" file")[0]) for one in tree.skipped)
    assert told[0][0] == "four.ts"
    assert told[1:] == [("one.ts", "it is a link to a"), ("three.ts", "it is a link to a")]


def test_what_was_searched_and_what_of_it_was_passed_over_is_told(tmp_path: Path) -> None:
    for name in ("a.ts", "a.test.ts", "tests/b.ts", "lib/c.ts", "lib/d.txt", "old/e.ts", "node_modules/f.ts"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    searched = source_tree([tmp_path], frozenset({".ts"}), ["old"]).searched
    top = f"{tmp_path.as_posix()}/"
    assert searched.below == (top,)
    assert {one.removeprefix(top) for one in searched.passed_over} == {"a.test.ts", "tests/", "old/", "node_modules/"}
    assert searched.misses(f"{top}gone/x.ts select t")
    assert not searched.misses(f"{top}old/e.ts select t")
    assert not searched.misses(f"{top}a.test.ts select t")
    assert not searched.misses("elsewhere/a.ts select t")
