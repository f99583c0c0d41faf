"""What `sessionaudit repair` does with a plan: print it, save it, or ask, apply it and check again."""

from __future__ import annotations

import itertools
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit.audits import audit
from sessionaudit.cli import way_back
from sessionaudit.cli.outcome import canvas, confirmed, deliver, say, say_page, spelled_error
from sessionaudit.cli.telling import Teller
from sessionaudit.cli.writing import replace_file, require_writable
from sessionaudit.core.calling import CALLING
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.counting import counted
from sessionaudit.core.node import close
from sessionaudit.core.step import Hazard
from sessionaudit.core.visible import option_path
from sessionaudit.errors import (
    EXIT_CLEAN,
    EXIT_DATABASE,
    EXIT_FINDINGS,
    EXIT_REPAIR,
    RepairError,
    SessionAuditError,
    UsageError,
)
from sessionaudit.postgres.connection import Address
from sessionaudit.repair import propose, saved_plan, script
from sessionaudit.repair.apply import InterruptedRepairError, Manner, Outcome
from sessionaudit.report import formats
from sessionaudit.report import plan as page
from sessionaudit.sql.text import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.core.finding import Severity
    from sessionaudit.postgres.connection import Url
    from sessionaudit.repair.apply import Record
    from sessionaudit.repair.propose import Options, Proposal, Verified
    from sessionaudit.report import Canvas

_ROUNDS = 5
_UNPROMPTED = {Hazard.LOOSEN, Hazard.OPEN}  # what to lose, or to let in, a person must ask for unprompted
_ENDS = frozenset({Outcome.FAILED, Outcome.IN_DOUBT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How the plan is to be printed, kept or applied, as the command line says it."""

    url: Url
    contract: Path
    format: str
    output: Path | None
    transactional: bool
    apply: bool
    yes: bool
    save_plan: Path | None
    plan: Path | None
    fail_on: Severity | None
    before: Path | None
    log: Path | None
    no_color: bool
    quiet: bool


def options(
    *,
    allow: list[str],
    with_data: bool,
    replace: list[str],
    time_zone: str,
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
                f"--allow takes {', '.join(gated)} or all, not “{word}”", hint=close(word, [*gated, "all"])
            )
        allowed |= set(Hazard) if word == "all" else {Hazard(word)}
    choices: list[tuple[str, str]] = []
    for word in replace:
        name, sign, value = word.partition("=")
        if not sign or "." not in name or not value:
            raise UsageError(f"--replace takes TYPE.VALUE=VALUE, not “{word}”")
        choices.append((name, value))
    return propose.Options(
        reading=audit.Options(only=tuple(only), ignore=tuple(ignore), statement_timeout=statement_timeout),
        allowed=frozenset(allowed),
        with_data=with_data,
        choices=tuple(choices),
        zone=time_zone,
    )


def run(call: Call, asked: Options, *, lock_timeout: float, lock_wait: float) -> int:
    """Make the plan and do with it what the call says; gives the exit code."""
    _refuse_contradictions(call, asked)
    proposal = _proposed(call, asked)
    terminal = canvas(no_color=call.no_color, verbose=False, stream=sys.stderr)
    if call.save_plan:
        replace_file(call.save_plan, propose.dump(proposal, call.contract))
    if not call.apply:
        return _print(call, asked, proposal, terminal)
    manner = Manner(lock_timeout=lock_timeout, lock_wait=lock_wait, repairs=proposal.repairs)
    return _apply(call, asked, proposal, manner, terminal)


def _refuse_contradictions(call: Call, asked: Options) -> None:
    if call.plan and not call.apply:
        raise UsageError("--plan needs --apply: a saved plan can only be applied", hint="Add --apply.")
    if call.plan and call.save_plan:
        raise UsageError("--plan and --save-plan cannot be combined")
    if call.plan and asked.zone:
        raise UsageError("--time-zone has no effect with --plan: a saved plan has its own time zone")
    if call.transactional and call.apply:
        raise UsageError(
            "--transactional is for scripts; --apply runs each step in its own transaction",
            hint="Omit one of them.",
        )


def _proposed(call: Call, asked: Options) -> Proposal:
    if call.plan is None:
        return propose.propose(call.url, call.contract, asked)
    return propose.recall(call.url, call.contract, asked, saved_plan.load(call.plan))


def _print(call: Call, asked: Options, proposal: Proposal, terminal: Canvas) -> int:
    """Give the plan as SQL or JSON, and tell of it on stderr."""
    if call.format == "json":
        text = page.as_json(proposal)
    else:
        report = proposal.report
        title = (
            f"Repair of the database {report.where.name} according to {report.contract}, made by sessionaudit repair."
        )
        text = script.render(proposal.plan, title=title, transactional=call.transactional, repairs=proposal.repairs)
    if not call.quiet:
        say_page(page.table(proposal, terminal, told=_next(call, asked, proposal)), colour=terminal.colour)
    if call.output or not call.save_plan or call.format == "json":
        deliver(text, call.output)
    return EXIT_DATABASE if proposal.report.skipped else EXIT_CLEAN


def _next(call: Call, asked: Options, proposal: Proposal) -> list[tuple[str, str]]:
    """The commands to type next, each with what stands before it: whole, so that they do what was just shown."""
    if proposal.preflight.refusals:
        return []
    if call.save_plan and proposal.plan.steps:  # also where the same is in a script, for people to read
        return [("After reviewing it", _with_plan(call.save_plan))]
    if call.output and call.format == "sql" and proposal.plan.steps:
        return [("After reviewing it", _psql(call, call.output))]
    told = [("Next", _again(call))] if proposal.plan.steps else []
    return [*told, *_released(call, asked, proposal)]


def _psql(call: Call, script: Path) -> str:
    one = ["-1"] if call.transactional else []
    role = call.url.role if isinstance(call.url, Address) else ""
    works_as = ["-c", f"set role {identifier(role)}"] if role else []  # of the same session as the script
    return CALLING.psql(*one, "-v", "ON_ERROR_STOP=1", *works_as, "-f", option_path(script))


def _again(call: Call, **instead: Sequence[str]) -> str:
    """The call that does what was just shown.

    One transaction is for psql to run, and not for --apply: that is this call, with a file that is not there yet.
    """
    if not call.transactional or call.apply or call.format != "sql":
        return CALLING.line("repair", "--apply", instead=instead)
    names = (Path("repair.sql" if number == 1 else f"repair.{number}.sql") for number in itertools.count(1))
    file = [] if call.output else ["--output", next(str(name) for name in names if not name.exists())]
    return CALLING.again(*file, instead=instead)


def _with_plan(plan: Path) -> str:
    made_with = ("allow", "replace", "time_zone")  # the plan has these
    return CALLING.line("repair", "--apply", "--plan", option_path(plan), without=made_with)


def _missing(asked: Options, proposal: Proposal) -> tuple[list[Hazard], bool]:
    """The hazards that would let steps run that are held back, once allowed, and whether a data repair would."""
    unasked = _UNPROMPTED - asked.allowed
    held = [one for one in proposal.plan.held if unasked.isdisjoint(one.allow)]
    hazards = {hazard for one in held for hazard in one.allow} - asked.allowed
    return sorted(hazards), any(one.by_data for one in held) and not asked.with_data


def _words(hazards: Iterable[Hazard], *, with_data: bool) -> list[str]:
    allow = [word for hazard in hazards if hazard.gated for word in ("--allow", str(hazard))]
    return [*allow, *(["--with-data"] if with_data else [])]


def _released(call: Call, asked: Options, proposal: Proposal) -> list[tuple[str, str]]:
    """The command by which what is held back would run too, where a call can say so."""
    hazards, by_data = _missing(asked, proposal)
    if not hazards and not by_data:
        return []
    again = _again(
        call,
        allow=_words(sorted({*hazards, *asked.allowed}), with_data=False),
        with_data=_words((), with_data=by_data or asked.with_data),
        # A saved plan was made with what it may; what is allowed now takes another one.
        plan=["--plan", option_path(call.plan)] if call.plan and not hazards else [],
    )
    return [("To include the steps held back", again)]


def _apply(call: Call, asked: Options, proposal: Proposal, manner: Manner, terminal: Canvas) -> int:
    """Apply, and whatever ends it tell what was done before that."""
    work = _Work(call, asked, manner, terminal, proposal)
    try:
        return work.run()
    except SessionAuditError as error:
        if work.records and not isinstance(error, InterruptedRepairError):
            say_page(page.summary(work.records, terminal), colour=terminal.colour)
            error.hint = f"{error.hint} The steps above were done before that.".strip()
        if work.records and call.format == "json":
            deliver(page.as_json(work.proposal, work.records, error=spelled_error(error)["error"]), call.output)
        raise


class _Work:
    """Applies a plan, audits again, and goes on as long as that shows more to do."""

    def __init__(self, call: Call, asked: Options, manner: Manner, terminal: Canvas, proposal: Proposal) -> None:
        self.proposal = proposal  # of the round that has come
        self.records: list[Record] = []
        self._call = call
        self._asked = asked
        self._manner = manner
        self._terminal = terminal
        self._declined = False

    def run(self) -> int:
        """Apply the plan and what follows from it; gives the exit code."""
        call, proposal = self._call, self.proposal
        require_writable(call.output)
        require_writable(call.before, "--before")
        CHANGES.advice = "Run the same command again to resume."
        tried = set[tuple[str, ...]]()
        seen = propose.Verified(proposal.report, ())
        for _ in range(_ROUNDS):
            self._refuse(proposal)
            statements = tuple(statement for step in proposal.plan.steps for statement in step.sql)
            if not statements or statements in tried:
                break
            if not self._agreed(proposal):
                self._declined = True
                break
            tried.add(statements)
            records = self._carried_out(proposal)
            self.records += records
            seen = propose.verify(call.url, call.contract, proposal, self._asked)
            # A saved plan was reviewed; what an audit shows after it was not.
            if call.plan or any(record.outcome in _ENDS for record in records):
                break
            proposal = self.proposal = propose.propose(call.url, call.contract, self._asked)
        if call.format == "json":
            left = [finding.message for finding in seen.left]
            deliver(page.as_json(proposal, self.records, left), call.output)
        return self._end(proposal, seen)

    def _carried_out(self, proposal: Proposal) -> list[Record]:
        call, total = self._call, len(proposal.plan.steps)
        beside = call.log and call.log.with_name(f"{call.log.name}.before.yaml")
        way = None if proposal.done else way_back.begin(proposal, call.before or beside, quiet=call.quiet)
        with Teller(call.log, total, self._terminal, quiet=call.quiet) as teller:
            records = propose.carry_out(call.url, proposal, self._manner, teller)
        if way:
            way_back.end(call.url, way, quiet=call.quiet)
        return records

    def _refuse(self, proposal: Proposal) -> None:
        """Raise RepairError where something forbids the whole plan."""
        if proposal.preflight.refusals:
            say_page(page.table(proposal, self._terminal), colour=self._terminal.colour)
            raise RepairError(
                "not all steps could be run" if self.records else "the plan cannot be applied; nothing was changed",
                hint="Resolve the problems above, then run it again.",
            )

    def _agreed(self, proposal: Proposal) -> bool:
        call = self._call
        if not (call.quiet and call.yes):
            say_page(page.table(proposal, self._terminal), colour=self._terminal.colour)
        steps, database = len(proposal.plan.steps), proposal.report.database
        question = f"Apply {counted(steps, 'step')} to {database}?"
        otherwise = "They were not applied." if self.records else "Nothing was changed."
        return confirmed(call.yes, question, otherwise=otherwise)

    def _end(self, proposal: Proposal, seen: Verified) -> int:
        """Say what was done and what is left."""
        call = self._call
        broken = [record for record in self.records if record.outcome in {*_ENDS, Outcome.NOT_REACHED}]
        if not call.quiet and self.records:
            say_page(page.summary(self.records, self._terminal), colour=self._terminal.colour)
            if call.format == "sql":
                sheet = canvas(no_color=call.no_color, output=call.output)
                # What a repair could do more is told below, with what it takes.
                left = replace(seen.report, next=())
                deliver(formats.TABLE.render(left, sheet), call.output, colour=sheet.colour)
        elif not call.quiet and not proposal.plan.steps:
            say_page(page.table(proposal, self._terminal), colour=self._terminal.colour)
        if not call.quiet and proposal.plan.held:
            hazards, by_data = _missing(self._asked, proposal)
            add = _words(() if call.plan else hazards, with_data=by_data)
            told = _released(call, self._asked, proposal)
            say_page(page.left(len(proposal.plan.held), " ".join(add), told, self._terminal))
        for finding in () if broken else seen.left:
            say(f"still there: {finding.message}")
        if broken or seen.left:
            return EXIT_REPAIR
        least = call.fail_on
        grave = least is not None and any(finding.severity >= least for finding in seen.report.findings)
        if self._declined or grave:
            return EXIT_FINDINGS
        return EXIT_DATABASE if seen.report.skipped else EXIT_CLEAN
