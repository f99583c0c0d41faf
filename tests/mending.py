"""What tests of repair share: make a plan, apply it in rounds as the command does, run a script as psql does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from caserunner import statements
from servers import connect
from sessionaudit.audits import runner
from sessionaudit.core.step import Hazard
from sessionaudit.postgres.connection import connect as open_connection
from sessionaudit.repair import propose
from sessionaudit.repair.apply import Manner, Record, StepOutcome
from sessionaudit.repair.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from sessionaudit.core.step import Step
    from sessionaudit.postgres.locks import Blocker
    from sessionaudit.repair.propose import PlanOptions, Proposal
    from sessionaudit.repair.way_back import WayBack

# Everything allowed, and every rule named, so that notes are mended too.
ALL = propose.PlanOptions(allowed=frozenset(Hazard), reading=runner.Options(only=("sa*",)))


class Silent:
    """A listener that keeps what it hears of waiting."""

    def __init__(self) -> None:
        self.waited: list[tuple[Step, list[Blocker]]] = []

    def begins(self, number: int, step: Step) -> None: ...

    def waits(self, step: Step, blockers: list[Blocker], seconds_left: float) -> None:
        self.waited.append((step, blockers))

    def rows_repaired(self, step: Step, done: int, total: int) -> None: ...

    def ends(self, number: int, record: Record) -> None: ...


def run_plan(url: str, proposal: Proposal, **manner: Any) -> list[Record]:
    """Apply a plan and tell what became of it."""
    from sessionaudit.repair.apply import apply

    how = Manner(repairs=proposal.repairs, observe=True, **manner)
    return apply(lambda: open_connection(url), proposal.plan, how, Silent())


class Agreeing:
    """A listener that agrees to every plan."""

    def agrees(self, proposal: Proposal, *, again: bool) -> bool:
        return True

    def refuses(self, proposal: Proposal) -> None: ...

    def applies(self, proposal: Proposal) -> AbstractContextManager[Silent]:
        return nullcontext(Silent())

    def tells_of_way_back(self, lines: Sequence[str]) -> None: ...

    def goes_back_by(self, command: str) -> None: ...

    def changed_nothing(self, way: WayBack) -> None: ...


def session(url: str, contract: Path, options: PlanOptions = ALL, *, first: Proposal | None = None) -> Session:
    """What applies a plan as the command does, and agrees to all; it keeps no way back.

    `first` is the first plan, where it was made already.
    """
    return Session(
        url=url,
        contract=contract,
        options=options,
        proposal=first or propose.propose(url, contract, options),
        listener=Agreeing(),
        manner=Manner(observe=True),
    )


def mend(
    url: str, contract: Path, options: PlanOptions = ALL, *, first: Proposal | None = None
) -> tuple[list[Record], Proposal]:
    """Plan and apply until nothing is left that has a cure; gives what was done, and the last plan."""
    rounds = session(url, contract, options, first=first)
    rounds.run()
    bad = [record for record in rounds.records if record.outcome not in {StepOutcome.APPLIED, StepOutcome.ALREADY}]
    assert not bad, "\n".join(f"{record.step.sql}: {record.outcome}: {record.detail}" for record in bad)
    left = [step.sql for step in rounds.proposal.plan.steps]
    assert left == []
    assert rounds.left == ()
    return rounds.records, rounds.proposal


def run_script(url: str, script: str) -> None:
    """Run a script statement by statement, as psql does, with what a query before \\gexec gives."""
    with connect(url) as connection:
        for part in re.split(r"(?m)^(select .*\n.* \\gexec)$", script):
            if part.endswith("\\gexec"):
                rows = connection.execute(part.removesuffix("\\gexec").encode()).fetchall()
                for statement in (column for row in rows for column in row):
                    connection.execute(statement.encode())
                continue
            for statement in statements(part):
                connection.execute(statement.encode())


def run_at_once(url: str, script: str) -> None:
    """Run a script as one query, as a web SQL editor does."""
    with connect(url) as connection:
        connection.execute(script.encode())


# What squawk says of our SQL and is meant so. It reads each step as it is applied, without the look that comes first.
EXCEPTIONS = {
    "prefer-robust-stmts": "each step looks in the catalogs first; IF NOT EXISTS fires a DDL event all the same",
    "prefer-bigint-over-int": "types are the contract's",
    "prefer-bigint-over-smallint": "types are the contract's",
    "prefer-identity": "types are the contract's",
    "prefer-text-field": "types are the contract's",
    "prefer-timestamptz": "types are the contract's",
    "ban-char-field": "types are the contract's",
    "identifier-too-long": "names are the contract's",
    "require-enum-value-ordering": "the contract's order asks for BEFORE or AFTER only where it is not the end",
    "ban-create-domain-with-constraint": "types are the contract's",
    "ban-alter-domain-with-add-constraint": "types are the contract's; it is added NOT VALID first",
    "ban-drop-constraint": "only what the contract declares absent, and what comes back in the same statement",
    "ban-drop-view": "only what the contract declares absent, and what comes back in the same transaction",
    "ban-drop-not-null": "the contract allows null, or nobody who inserts knows the column",
    "ban-drop-default": "the contract says that there is none",
    "ban-alter-identity": "the contract says which",
    "adding-serial-primary-key-field": "only on a table that the same plan makes",
    "constraint-missing-not-valid": "only on a table that the same plan makes; any other key goes by way of an index",
    "require-concurrent-index-deletion": "a partitioned table's index cannot be dropped so; any other is",
    "renaming-object": "an index or a constraint gets the contract's name, by which no query asks",
}


# Which is changed only where no column has it.
OF_A_TYPE = "Changing an attribute type may break existing clients."


# Whose rows are in another database, so that none is rewritten.
ELSEWHERE = re.compile("alter foreign table")


def lint(steps: Iterable[Step], folder: Path) -> list[str]:
    """What squawk finds in the steps' SQL, without the exceptions and the hazards that must be allowed by name."""
    texts: list[str] = ["set lock_timeout = '100ms';", "set statement_timeout = '10s';"]
    for step in steps:
        if step.gated:
            continue
        body = [f"{statement};" for statement in step.sql]
        texts += body if step.concurrent else ["begin;", *body, "commit;"]
    file = folder / "steps.sql"
    file.write_text("\n".join(texts), encoding="utf-8")
    program = Path(sys.executable).with_name("squawk")
    call = [str(program), "--reporter", "json", "--exclude", ",".join(EXCEPTIONS), str(file)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    lines = file.read_text(encoding="utf-8").splitlines()
    return [
        f"{one['rule_name']}: {one['message']} ({lines[one['line']]})"
        for one in json.loads(done.stdout)
        if one["message"] != OF_A_TYPE and not ELSEWHERE.match(lines[one["line"]])
    ]
