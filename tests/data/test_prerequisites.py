"""What keeps `backfill` from a table: a column that must have a value, where the repair gives it none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from servers import connect
from sessionaudit.audits import runner
from sessionaudit.audits.data import prerequisites
from sessionaudit.contract.loader import load
from sessionaudit.errors import UnfitError

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = """
version: 1
tables:
  films: {columns: {id: int not null}}
  copies: {columns: {id: int not null, film_id: int}}
invariants:
  film_has_copy:
    summary: Every film has a copy
    each: films f
    has: copies c
    "on": c.film_id = f.id
    repair: repair.sql
"""
REPAIR = "insert into copies (id, film_id%s) select f.id, f.id%s from films f where f.id = any (%%(keys)s::int[])"
CASES = {
    "it is left out": ("alter table copies add shelf text not null", ("", ""), True),
    "the repair fills it": ("alter table copies add shelf text not null", (", shelf", ", 'A'"), False),
    "a trigger may fill it": (
        "alter table copies add shelf text not null; create function fill() returns trigger language plpgsql as"
        " $$ begin new.shelf := 'A'; return new; end $$;"
        " create trigger fill before insert on copies for each row execute function fill()",
        ("", ""),
        False,
    ),
    "it is on the table that is only read": ("alter table films add language text not null", ("", ""), False),
}


@pytest.mark.parametrize(("change", "parts", "refused"), CASES.values(), ids=CASES)
def test_a_column_that_must_have_a_value(
    database: str, tmp_path: Path, change: str, parts: tuple[str, str], refused: bool
) -> None:
    with connect(database) as connection:
        connection.execute("create table films (id int not null)")
        connection.execute("create table copies (id int not null, film_id int)")
        connection.execute(change.encode())
    file = tmp_path / "contract.yaml"
    file.write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "repair.sql").write_text(REPAIR % parts, encoding="utf-8")
    contract = load(file)
    found = runner.run(database, file, runner.Options(without=("data",))).findings
    assert "blocking-column" in {finding.rule.name for finding in found}
    if not refused:
        prerequisites.require(contract, contract.invariants, found, ())
        return
    with pytest.raises(UnfitError, match="blocking-column") as error:
        prerequisites.require(contract, contract.invariants, found, ())
    assert error.value.hint.startswith("Give the column public.copies.shelf a value in the repair file.")
    assert "repair --apply" not in error.value.hint
