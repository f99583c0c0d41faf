"""What is added without a look at the rows: not over rows that could then not be updated any more, unless allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest
from msgspec.structs import replace

from marks import one_in
from mending import run_at_once, run_plan, run_script
from servers import connect
from sessionaudit.core.step import Hazard
from sessionaudit.errors import ChangedError
from sessionaudit.repair import propose, saved_plan, saved_proposal, script
from sessionaudit.repair.apply import StepOutcome
from sessionaudit.repair.propose import PlanOptions

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase

NONE = PlanOptions()
NOT_VALID = PlanOptions(allowed=frozenset({Hazard.NOT_VALID}))
WITH_DATA = PlanOptions(with_data=True)
TABLES = """
create table public.owners (id int primary key, code int, unique (id, code));
create table public.others (id int primary key);
create table public.pets (id int primary key, age int, owner_id int, code int, name text);
insert into public.owners values (1, 1);
insert into public.others values (1), (7)"""
GOOD = "insert into public.pets values (1, 3, 1, 1, 'a'), (2, null, null, null, 'b')"
BROKEN = "insert into public.pets values (3, -1, 7, null, null)"
# A row as the first repair of the rows makes it is fine.
MEND = "update public.pets set age = 0, owner_id = null, name = 'c' where id = any (%(keys)s::int[])"


class Way(NamedTuple):
    """A constraint that is asked for, what there is in its place, and how the row that breaks it is told of."""

    name: str
    wanted: str
    told: str
    there: str = ""


WAYS = [
    Way("age_check", "check (age >= 0)", "1 row violates age_check: 3 (-1, not age >= 0)"),
    Way(
        "age_check",
        "check (age >= 0)",
        "1 row violates age_check: 3 (-1, not age >= 0)",
        there="add constraint age_check check (age > -5)",
    ),
    Way(
        "age_check",
        "check (age >= 0)",
        "1 row violates age_check: 3 (-1, not age >= 0)",
        there="add constraint age_check check (age >= -1) no inherit",
    ),
    Way(
        "pets_owner_id_fkey",
        "foreign key (owner_id) references owners (id)",
        "1 row points to no row of public.owners: 3 (7, not in public.owners)",
    ),
    Way(
        "pets_owner_id_fkey",
        "foreign key (owner_id) references owners (id)",
        "1 row points to no row of public.owners: 3 (7, not in public.owners)",
        there="add constraint pets_owner_id_fkey foreign key (owner_id) references public.others (id) not valid",
    ),
    Way(
        "pets_both_fkey",
        "foreign key (owner_id, code) references owners (id, code) match full",
        "1 row points to no row of public.owners: 3 (7, null, not in public.owners)",
    ),
]
IDS = [f"{way.name}{' exchanged' if way.there else ''} {place}" for place, way in enumerate(WAYS)]
# A check and a foreign key have statements of their own in each manner; how they were there before changes none.
MANNERS = [
    pytest.param(way, manner, id=f"{name} {manner}", marks=() if usual else pytest.mark.thorough)
    for way, name in zip(WAYS, IDS, strict=True)
    for manner in ("apply", "script", "transaction")
    for usual in [way in {WAYS[0], WAYS[3]}]
]


def contract(folder: Path, way: Way, *, mended: bool = False) -> Path:
    text = f"{{definition: '{way.wanted}', repair: mend.sql}}" if mended else way.wanted
    file = folder / "contract.yaml"
    file.write_text(
        f"version: 1\ntables: {{pets: {{constraints: {{{way.name}: '{text}'}}}}}}\n".replace("'{", "{").replace(
            "}'", "}"
        ),
        encoding="utf-8",
    )
    (folder / "mend.sql").write_text(MEND, encoding="utf-8")
    return file


@pytest.fixture
def url(make_database: MakeDatabase) -> str:
    made = make_database()
    with connect(made) as connection:
        connection.execute(TABLES)
        connection.execute(GOOD)
    return made


def build(url: str, way: Way) -> None:
    if way.there:
        with connect(url) as connection:
            connection.execute(f"alter table public.pets {way.there}".encode())


def add(url: str, row: str = BROKEN) -> None:
    with connect(url) as connection:
        connection.execute(row.encode())


def constraint(url: str, name: str) -> tuple[str, bool] | None:
    """How it is defined, and whether it is valid."""
    with connect(url) as connection:
        row = connection.execute(
            "select pg_get_constraintdef(oid), convalidated from pg_constraint where conname = %s", (name,)
        ).fetchone()
        return None if row is None else (row[0].removesuffix(" NOT VALID"), row[1])


def updatable(url: str) -> bool:
    """Whether each row can be updated, twice in a transaction."""
    try:
        with connect(url) as connection, connection.transaction():
            for _ in range(2):
                connection.execute(
                    "update public.pets set name = coalesce(name, '') || 'x', age = age, owner_id = owner_id"
                )
    except psycopg.errors.IntegrityError:
        return False
    return True


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_it_is_held_back_over_rows_that_break_it(url: str, tmp_path: Path, way: Way) -> None:
    build(url, way)
    add(url)
    before = constraint(url, way.name)
    proposal = propose.propose(url, contract(tmp_path, way), NONE)
    assert proposal.plan.steps == ()
    first, *rest = proposal.plan.held
    assert "adds a constraint that existing rows violate; such rows can then not be updated (not-valid)" in first.reason
    assert way.told in first.reason
    assert "To run it anyway: --allow not-valid" in first.help
    assert first.told.count("(") == 1  # no row of anybody's
    assert all(one.reason.startswith("it depends on a step that is held back") for one in rest)
    assert run_plan(url, proposal) == []
    assert constraint(url, way.name) == before
    assert updatable(url)


@pytest.mark.parametrize("way", one_in(3, WAYS), ids=IDS)
def test_it_is_added_all_the_same_where_that_is_allowed(url: str, tmp_path: Path, way: Way) -> None:
    build(url, way)
    add(url)
    proposal = propose.propose(url, contract(tmp_path, way), NOT_VALID)
    assert {record.outcome for record in run_plan(url, proposal)} == {StepOutcome.APPLIED}
    assert Hazard.NOT_VALID in proposal.plan.steps[0].hazards
    assert "Allowed: 1 row" in proposal.plan.steps[0].why
    found = constraint(url, way.name)
    assert found is not None
    assert not found[1]
    assert not updatable(url)


@pytest.mark.parametrize("way", one_in(2, WAYS), ids=IDS)
def test_a_row_that_came_after_the_plan_keeps_it_out(url: str, tmp_path: Path, way: Way) -> None:
    build(url, way)
    before = constraint(url, way.name)
    proposal = propose.propose(url, contract(tmp_path, way), NONE)
    assert len(proposal.plan.steps) == 2
    add(url)
    assert [record.outcome for record in run_plan(url, proposal)] == [StepOutcome.BLOCKED, StepOutcome.NOT_REACHED]
    assert constraint(url, way.name) == before
    for transactional, run in ((False, run_script), (True, run_at_once)):
        text = script.render(proposal.plan, title="Late.", transactional=transactional, repairs={})
        with pytest.raises(psycopg.errors.RaiseException, match="--allow not-valid"):
            run(url, text)
        assert constraint(url, way.name) == before
    assert updatable(url)


@pytest.mark.parametrize(("way", "manner"), MANNERS)
def test_with_a_repair_of_the_rows_it_is_added_and_validated(url: str, tmp_path: Path, way: Way, manner: str) -> None:
    build(url, way)
    add(url)
    file = contract(tmp_path, way, mended=True)
    (held, *_) = propose.propose(url, file, NONE).plan.held
    assert "--with-data runs mend.sql over them. To run it anyway: --allow not-valid" in held.help
    proposal = propose.propose(url, file, WITH_DATA)
    assert proposal.plan.held == ()
    if manner == "apply":
        records = run_plan(url, proposal)
        assert {record.outcome for record in records} == {StepOutcome.APPLIED}
        assert [record.rows for record in records] == ([0, 1] if way.there else [1, 0])
    else:
        text = script.render(
            proposal.plan, title="Mend.", transactional=manner == "transaction", repairs=proposal.repairs
        )
        for _ in range(2):
            (run_at_once if manner == "transaction" else run_script)(url, text)
    found = constraint(url, way.name)
    assert found is not None
    assert found[1]
    assert updatable(url)


def test_a_repair_that_leaves_rows_as_they_are_keeps_a_new_constraint_out(url: str, tmp_path: Path) -> None:
    add(url)
    file = contract(tmp_path, WAYS[0], mended=True)
    (tmp_path / "mend.sql").write_text("update public.pets set name = '' where id = any (%(keys)s::int[])")
    records = run_plan(url, propose.propose(url, file, WITH_DATA))
    assert [record.outcome for record in records] == [StepOutcome.BLOCKED, StepOutcome.NOT_REACHED]
    assert constraint(url, "age_check") is None
    assert updatable(url)


@pytest.mark.parametrize("way", WAYS, ids=IDS)
def test_a_contract_that_has_it_not_valid_has_allowed_it(url: str, tmp_path: Path, way: Way) -> None:
    build(url, way)
    add(url)
    asked = way._replace(wanted=f"{way.wanted} not valid")
    proposal = propose.propose(url, contract(tmp_path, asked), replace(NONE, allowed=frozenset({Hazard.LOOSEN})))
    assert proposal.plan.held == ()
    assert [record.outcome for record in run_plan(url, proposal)] == [StepOutcome.APPLIED]
    found = constraint(url, way.name)
    assert found is not None
    assert not found[1]


def test_another_action_breaks_no_row_anew(url: str, tmp_path: Path) -> None:
    add(url)
    way = replace_there(WAYS[3], "foreign key (owner_id) references public.owners (id) not valid")
    build(url, way)
    asked = way._replace(wanted="foreign key (owner_id) references owners (id) on delete cascade")
    proposal = propose.propose(url, contract(tmp_path, asked), NONE)
    assert [step.action for step in proposal.plan.steps] == [
        "Change the actions of the foreign key public.pets.pets_owner_id_fkey on update and delete"
    ]


def replace_there(way: Way, definition: str) -> Way:
    return way._replace(there=f"add constraint {way.name} {definition}")


def test_a_null_that_came_after_the_plan_keeps_not_null_out(url: str, tmp_path: Path) -> None:
    """Its check is added without a look at the rows, too."""
    file = tmp_path / "contract.yaml"
    file.write_text("version: 1\ntables: {pets: {columns: {name: text not null}}}\n", encoding="utf-8")
    proposal = propose.propose(url, file, NONE)
    add(url)
    outcomes = [record.outcome for record in run_plan(url, proposal)]
    assert outcomes == [StepOutcome.BLOCKED, StepOutcome.NOT_REACHED, StepOutcome.NOT_REACHED]
    assert updatable(url)


def test_a_saved_plan_is_refused_when_its_repair_of_the_rows_has_changed(url: str, tmp_path: Path) -> None:
    add(url)
    file = contract(tmp_path, WAYS[0], mended=True)
    plan = tmp_path / "plan.json"
    plan.write_text(saved_proposal.dump(propose.propose(url, file, WITH_DATA), file), encoding="utf-8")
    saved = saved_plan.load(plan)
    assert len(saved_proposal.recall(url, file, WITH_DATA, saved).plan.steps) == 2
    (tmp_path / "mend.sql").write_text(MEND.replace("age = 0", "age = 1"), encoding="utf-8")
    with pytest.raises(ChangedError, match=r"changed since the plan was made: the repair mend\.sql"):
        saved_proposal.recall(url, file, WITH_DATA, saved)
