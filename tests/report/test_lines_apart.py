"""Of two long texts the lines in which they differ are shown, as the server prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from calls import call
from servers import connect
from sessionaudit.audits import runner
from sessionaudit.report import Canvas
from sessionaudit.report.formats import FORMATS
from sessionaudit.report.lines_apart import lines_apart

if TYPE_CHECKING:
    from pathlib import Path

MADE = """
create or replace view v as select t.id, t.a, case when t.amount > {0} then 'big' else 'small' end as size
  from t where t.id > 0 and t.a is not null and t.a in ('open', 'paid') order by t.id;
create or replace function f(x int) returns int language plpgsql as $$
declare
  y int;
begin
  y := x + {0};
  if y > 10 then
    raise notice '\x1b]0;owned\x07 {0}';
  end if;
  return y;
end
$$;
"""


@pytest.fixture
def page(database: str, tmp_path: Path) -> str:
    with connect(database) as connection:
        connection.execute("create table t (id int, a text, amount numeric)")
        connection.execute(MADE.format(10).encode())
        assert call("snapshot", "--output", "c.yaml", cwd=tmp_path, DATABASE_URL=database).code == 0
        connection.execute(MADE.format(12).encode())
    report = runner.run(database, tmp_path / "c.yaml", runner.Options())
    table, as_json = (next(one for one in FORMATS if one.name == name) for name in ("table", "json"))
    assert as_json.render(report, Canvas(80)).count("declare\\n  y int;\\nbegin\\n  y := x + ") == 2
    return table.render(report, Canvas(80))


def test_the_lines_that_differ_are_shown_with_a_few_around_them(page: str) -> None:
    lines = [" ".join(line.split()).replace("t.", "") for line in page.splitlines()]  # before 16 with their table
    for before, after in (
        ("- WHEN (amount > (10)::numeric) THEN 'big'::text", "+ WHEN (amount > (12)::numeric) THEN 'big'::text"),
        ("- y := x + 10;", "+ y := x + 12;"),
    ):
        place = lines.index(before)
        assert lines[place + 1] == after
    assert "ELSE 'small'::text" in lines
    assert not [line for line in lines if "declare" in line or "ORDER BY" in line or "in full" in line]
    assert "\x1b" not in page
    assert "\\x1b]0;owned\\x07 10" in page
    assert [line for line in page.splitlines() if len(line) > 80 and "c.yaml" not in line] == []


def test_texts_that_are_easier_to_read_whole_are_shown_so() -> None:
    few, many = "a\nb\nc\nd\ne\nf", "a\nb\nX\nd\ne\nf"
    assert lines_apart(few, many) == [
        (" ", "a"),
        (" ", "b"),
        ("-", "c"),
        ("+", "X"),
        (" ", "d"),
        (" ", "e"),
        ("…", ""),
    ]
    assert lines_apart("a\nb\nc", "a\nX\nc") == []
    assert lines_apart("a\nb\nc\nd\ne", "v\nw\nx\ny\nz") == []
    assert lines_apart("a\n  b\nc\nd", "a\nb\n c\nd") == []
