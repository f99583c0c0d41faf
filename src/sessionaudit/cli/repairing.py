"""What `sessionaudit repair` does with a plan: print it, save it, or ask, apply it and check again."""

from __future__ import annotations

import datetime as dt
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessionaudit import audit, planfile, repair, script
from sessionaudit.apply import Manner, Outcome
from sessionaudit.cli.outcome import canvas, confirmed, deliver, replace_file, say
from sessionaudit.core.finding import Severity
from sessionaudit.core.node import nearest
from sessionaudit.core.step import Hazard
from sessionaudit.errors import (
    EXIT_CLEAN,
    EXIT_DATABASE,
    EXIT_FINDINGS,
    EXIT_REPAIR,
    RepairError,
    UsageError,
)
from sessionaudit.report import plan as page
from sessionaudit.report import render

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from sessionaudit.apply import Record
    from sessionaudit.core.step import Step
    from sessionaudit.locks import Blocker
    from sessionaudit.repair import Options, Proposal
    from sessionaudit.report import Canvas
    from sessionaudit.report.model import Report

_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How the plan is to be printed, kept or applied, as the command line says it."""

    url: str | None
    contract: Path
    format: str
    output: Path | None
    transactional: bool
    apply: bool
    yes: bool
    save_plan: Path | None
    plan: Path | None
    before: Path | None
    log: Path | None
    no_color: bool
    quiet: bool


def options(
    *,
    allow: list[str],
    with_data: bool,
    replace: list[str],
    only: list[str],
    ignore: list[str],
    statement_timeout: float,
) -> Options:
    """Read what the call asks for. Raises UsageError."""
    gated = [str(hazard) for hazard in Hazard if hazard.gated]
    allowed: set[Hazard] = set()
    for word in allow:
        if word != "all" and word not in gated:
            raise UsageError(
                f"--allow takes {', '.join(gated)} or all, not “{word}”", hint=nearest(word, [*gated, "all"])
            )
        allowed |= set(Hazard) if word == "all" else {Hazard(word)}
    choices: list[tuple[str, str]] = []
    for word in replace:
        name, sign, value = word.partition("=")
        if not sign or "." not in name or not value:
            raise UsageError(f"--replace takes TYPE.VALUE=VALUE, not “{word}”")
        choices.append((name, value))
    return repair.Options(
        reading=audit.Options(only=tuple(only), ignore=tuple(ignore), statement_timeout=statement_timeout),
        allowed=frozenset(allowed),
        with_data=with_data,
        choices=tuple(choices),
    )


def run(call: Call, asked: Options, *, lock_timeout: float, lock_wait: float) -> int:
    """Make the plan and do with it what the call says; gives the exit code."""
    _refuse_contradictions(call)
    proposal = _proposed(call, asked)
    terminal = canvas(no_color=call.no_color, verbose=False, stream=sys.stderr)
    if call.save_plan:
        report = proposal.report
        text = planfile.dump(proposal.plan, repair.fingerprints(proposal), report.contract)
        replace_file(call.save_plan, text)
    if not call.apply:
        return _print(call, proposal, terminal)
    manner = Manner(lock_timeout=lock_timeout, lock_wait=lock_wait, repairs=proposal.repairs)
    return _apply(call, asked, proposal, manner, terminal)


def _refuse_contradictions(call: Call) -> None:
    if call.plan and not call.apply:
        raise UsageError("--plan is for --apply: a saved plan is applied, not printed", hint="Add --apply.")
    if call.plan and call.save_plan:
        raise UsageError("--plan and --save-plan contradict each other")
    if call.transactional and call.apply:
        raise UsageError(
            "--transactional makes a script; --apply runs each step in a transaction of its own",
            hint="Leave one of them out.",
        )


def _proposed(call: Call, asked: Options) -> Proposal:
    if call.plan is None:
        return repair.propose(call.url, call.contract, asked)
    return repair.recall(call.url, call.contract, asked, planfile.load(call.plan))


def _print(call: Call, proposal: Proposal, terminal: Canvas) -> int:
    """Give the plan as SQL or JSON, and tell of it on stderr."""
    if call.format == "json":
        text = page.as_json(proposal)
    else:
        report = proposal.report
        title = f"Repair of the database {report.database.name} toward {report.contract}, made by sessionaudit repair."
        text = script.render(proposal.plan, title=title, transactional=call.transactional, repairs=proposal.repairs)
    if not call.quiet:
        next_ = "Next: read the SQL, then sessionaudit repair --apply" if proposal.plan.steps else ""
        say(page.table(proposal, terminal, told=next_))
    if call.output or not call.save_plan or call.format == "json":
        deliver(text, call.output)
    return EXIT_DATABASE if proposal.report.skipped else EXIT_CLEAN


def _apply(call: Call, asked: Options, proposal: Proposal, manner: Manner, terminal: Canvas) -> int:
    tried: set[tuple[str, ...]] = set()
    every: list[Record] = []
    left: tuple[Any, ...] = ()
    first = proposal
    after = proposal.report
    for round_ in range(_ROUNDS):
        if proposal.preflight.refusals:
            say(page.table(proposal, terminal))
            raise RepairError(
                "nothing was changed, because of what stands in the way" if not every else "not all could be done",
                hint="Mend what is said above, then run it again.",
            )
        statements = tuple(statement for step in proposal.plan.steps for statement in step.sql)
        if not proposal.plan.steps or statements in tried:
            break
        tried.add(statements)
        if not call.quiet or not call.yes:
            say(page.table(proposal, terminal))
        if not confirmed(call.yes, f"Apply {len(proposal.plan.steps)} steps to {proposal.report.database}?"):
            return EXIT_FINDINGS
        if round_ == 0:
            _write_before(call, proposal)
        with _Teller(call, len(proposal.plan.steps), terminal) as teller:
            result = repair.perform(call.url, call.contract, proposal, asked, manner, teller)
        every += result.records
        left, after = result.left, result.after.report
        if any(record.outcome in {Outcome.FAILED, Outcome.IN_DOUBT} for record in result.records):
            break
        proposal = repair.propose(call.url, call.contract, asked)
        after = proposal.report
    if call.format == "json":
        done = every if len(every) == len(first.plan.steps) else None
        deliver(page.as_json(first, done, [finding.message for finding in left]), call.output)
    return _end(call, proposal, every, after, left, terminal)


def _end(
    call: Call, proposal: Proposal, records: list[Record], after: Report, left: tuple[Any, ...], terminal: Canvas
) -> int:
    """Say what was done and what is left; gives the exit code."""
    broken = [record for record in records if record.outcome in {Outcome.FAILED, Outcome.IN_DOUBT, Outcome.NOT_REACHED}]
    if not call.quiet:
        say(page.summary(records, terminal) if records else page.table(proposal, terminal))
        if proposal.plan.held and records:
            say("".join(f"held back: {held.step.action}: {held.reason}. {held.help}\n" for held in proposal.plan.held))
    if call.format == "sql" and not call.quiet and records:
        deliver(render(after, "table", canvas(no_color=call.no_color, verbose=False)), call.output)
    for finding in () if broken else left:
        say(f"still there: {finding.message}")
    if broken or left:
        return EXIT_REPAIR
    if any(finding.severity is Severity.ERROR for finding in after.findings):
        return EXIT_FINDINGS
    return EXIT_DATABASE if after.skipped else EXIT_CLEAN


def _write_before(call: Call, proposal: Proposal) -> None:
    stamp = dt.datetime.now(tz=dt.UTC)
    if call.before:
        file = call.before
    elif call.log:
        file = call.log.with_name(f"{call.log.name}.before.yaml")
    else:
        from pathlib import Path  # noqa: PLC0415

        file = Path(f"sessionaudit-before-{stamp:%Y%m%dT%H%M%SZ}.yaml")
    title = (
        f"What sessionaudit repair was about to change in the database {proposal.report.database.name}, as it was.\n"
        f"Written at {stamp:%Y-%m-%d %H:%M:%S} UTC. To go back, as far as no data were dropped:\n"
        f"  sessionaudit repair -c {file.name} --apply"
    )
    replace_file(file, repair.before(proposal, title))
    say(f"The way back is in {file}")


class _Teller:
    """Tells people on stderr, and the log in JSON lines, how it goes."""

    def __init__(self, call: Call, total: int, terminal: Canvas) -> None:
        self._quiet = call.quiet
        self._total = total
        self._canvas = terminal
        self._file = call.log
        self._log: TextIO | None = None

    def __enter__(self) -> _Teller:
        if self._file:
            try:
                self._log = self._file.open("a", encoding="utf-8")
            except OSError as error:
                raise UsageError(f"cannot write the log {self._file}: {error.strerror}") from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._log:
            self._log.close()

    def begins(self, number: int, step: Step) -> None:
        self._note(event="begins", number=number, step=step.action, object=str(step.ref), sql=list(step.sql))
        if step.timeout is None:
            self._say(f"[{number}/{self._total}] {step.action} …")

    def waits(self, step: Step, blockers: list[Blocker], seconds_left: float) -> None:
        self._note(event="waits", step=step.action, blockers=[str(one) for one in blockers])
        who = "; ".join(map(str, blockers)) or "somebody who is gone by now"
        self._say(f"waiting for a lock, {seconds_left:.0f} s left: {who}")

    def mends(self, step: Step, done: int, total: int) -> None:
        self._note(event="mends", step=step.action, done=done, total=total, repair=step.repair)
        self._say(f"{step.repair}: {done} of {total} rows looked at")

    def ends(self, number: int, record: Record) -> None:
        self._note(
            event="ends",
            number=number,
            step=record.step.action,
            outcome=str(record.outcome),
            detail=record.detail,
            seconds=round(record.seconds, 3),
            rows=record.rows,
        )
        if record.outcome is not Outcome.NOT_REACHED:
            self._say(page.progress(number, self._total, record, self._canvas))

    def _say(self, text: str) -> None:
        if not self._quiet:
            say(text)

    def _note(self, **what: Any) -> None:
        if self._log:
            with suppress(OSError):
                now = dt.datetime.now(tz=dt.UTC).isoformat(timespec="milliseconds")
                self._log.write(json.dumps({"at": now, **what}, ensure_ascii=False) + "\n")
                self._log.flush()
