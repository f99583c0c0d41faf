"""`repair --apply` looks at the database once a round: what an audit shows after one is what the next begins with."""

from __future__ import annotations

import gc
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from mending import run_at_once
from sessionaudit.cli.app import app
from sessionaudit.postgres import catalog, connection

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the catalogs were read whole, and a connection was opened."""
    counts = Counter[str]()

    def counting(what: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def count(*arguments: Any, **options: Any) -> Any:
            counts[what] += 1
            return call(*arguments, **options)

        return count

    monkeypatch.setattr(catalog, "read", counting("audits", catalog.read))
    monkeypatch.setattr(connection, "_opened", counting("connections", connection._opened))
    return counts


@pytest.fixture
def repair(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Apply what leads to the contract in this process, which must end well."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", database)

    def repaired(*words: str) -> None:
        with pytest.raises(SystemExit) as ended:
            get_command(app).main(["repair", "--apply", "--yes", *words], prog_name="sessionaudit")
        assert not ended.value.code

    return repaired


@pytest.fixture
def uncollected() -> Generator[None]:
    """As the program starts: garbage is not collected."""
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.mark.usefixtures("uncollected")
def test_garbage_is_collected_while_it_applies(database: str, tmp_path: Path, repair: Callable[..., None]) -> None:
    run_at_once(database, "create table t (id int)")
    (tmp_path / "expected_schema.yaml").write_text("version: 1\ntables: {t: {}}\n", encoding="utf-8")
    repair()
    assert gc.isenabled()
    assert gc.get_freeze_count()


def test_one_round(database: str, tmp_path: Path, counted: Counter[str], repair: Callable[..., None]) -> None:
    run_at_once(database, "create table t (id int)")
    contract = tmp_path / "expected_schema.yaml"
    contract.write_text("version: 1\ntables: {t: {columns: {id: int, note: text}}}\n", encoding="utf-8")
    repair()
    # An audit before and one after, one that tells what the way back does not restore, and one what it takes. Each has
    # a connection, and applying has one, and one for the lock that keeps others out.
    assert counted == {"audits": 4, "connections": 6}
    counted.clear()
    repair()
    assert counted == {"audits": 1, "connections": 1}


def test_two_rounds(database: str, tmp_path: Path, counted: Counter[str], repair: Callable[..., None]) -> None:
    run_at_once(
        database,
        """create table parent (id int primary key); insert into parent values (1);
           create table t (id int primary key, p int, q int); insert into t values (1, 9, null)""",
    )
    # The repair of the foreign key also fills what the first round holds back for its nulls.
    (tmp_path / "expected_schema.yaml").write_text(
        """version: 1
tables:
  t:
    columns: {id: int not null, p: int, q: int not null}
    constraints:
      t_p_fkey: {definition: foreign key (p) references parent (id), repair: fill.sql}
  parent: {}
""",
        encoding="utf-8",
    )
    (tmp_path / "fill.sql").write_text(
        "update t set p = 1, q = 0 where id = any (%(keys)s::int[]) returning id, id as key, p as p_was, q as q_was"
    )
    repair("--with-data")
    # Before, between and after; and for the way back, which each of the two rounds extends, and the end completes.
    assert counted == {"audits": 6, "connections": 10}
