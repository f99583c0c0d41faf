"""What `sessionaudit repair` does with a plan: print it, save it, or ask, apply it and check again."""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sessionaudit import audit, planfile, repair, script
from sessionaudit.apply import InterruptedRepairError, Manner, Outcome
from sessionaudit.cli.outcome import (
    canvas,
    confirmed,
    deliver,
    replace_file,
    require_writable,
    say,
    say_page,
    spelled_error,
)
from sessionaudit.cli.telling import Teller
from sessionaudit.core.changes import CHANGES
from sessionaudit.core.finding import Severity
from sessionaudit.core.node import nearest
from sessionaudit.core.step import Hazard
from sessionaudit.core.visible import shell_line, shell_word
from sessionaudit.errors import (
    EXIT_CLEAN,
    EXIT_DATABASE,
    EXIT_FINDINGS,
    EXIT_REPAIR,
    RepairError,
    SessionAuditError,
    UsageError,
)
from sessionaudit.report import plan as page
from sessionaudit.report import render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.apply import Record
    from sessionaudit.connection import Url
    from sessionaudit.repair import Options, Proposal, Verified
    from sessionaudit.report import Canvas

_ROUNDS = 5
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
        zone=time_zone,
    )


def run(call: Call, asked: Options, *, lock_timeout: float, lock_wait: float) -> int:
    """Make the plan and do with it what the call says; gives the exit code."""
    _refuse_contradictions(call, asked)
    proposal = _proposed(call, asked)
    terminal = canvas(no_color=call.no_color, verbose=False, stream=sys.stderr)
    if call.save_plan:
        stands_on = repair.stands_on(proposal, call.contract)
        replace_file(
            call.save_plan, planfile.dump(proposal.plan, repair.fingerprints(proposal), stands_on, proposal.place)
        )
    if not call.apply:
        return _print(call, asked, proposal, terminal)
    manner = Manner(lock_timeout=lock_timeout, lock_wait=lock_wait, repairs=proposal.repairs)
    return _apply(call, asked, proposal, manner, terminal)


def _refuse_contradictions(call: Call, asked: Options) -> None:
    if call.plan and not call.apply:
        raise UsageError("--plan is for --apply: a saved plan is applied, not printed", hint="Add --apply.")
    if call.plan and call.save_plan:
        raise UsageError("--plan and --save-plan contradict each other")
    if call.plan and asked.zone:
        raise UsageError("--time-zone has no effect with --plan: a saved plan names the time zone that it was made for")
    if call.transactional and call.apply:
        raise UsageError(
            "--transactional makes a script; --apply runs each step in a transaction of its own",
            hint="Leave one of them out.",
        )


def _proposed(call: Call, asked: Options) -> Proposal:
    if call.plan is None:
        return repair.propose(call.url, call.contract, asked)
    return repair.recall(call.url, call.contract, asked, planfile.load(call.plan))


def _print(call: Call, asked: Options, proposal: Proposal, terminal: Canvas) -> int:
    """Give the plan as SQL or JSON, and tell of it on stderr."""
    if call.format == "json":
        text = page.as_json(proposal)
    else:
        report = proposal.report
        title = f"Repair of the database {report.database.name} toward {report.contract}, made by sessionaudit repair."
        text = script.render(proposal.plan, title=title, transactional=call.transactional, repairs=proposal.repairs)
    if not call.quiet:
        say_page(page.table(proposal, terminal, told=_next(call, asked, proposal)), colour=terminal.colour)
    if call.output or not call.save_plan or call.format == "json":
        deliver(text, call.output)
    return EXIT_DATABASE if proposal.report.skipped else EXIT_CLEAN


def _next(call: Call, asked: Options, proposal: Proposal) -> str:
    """The command to type next, whole, so that it does what was just shown."""
    if proposal.preflight.refusals or not (proposal.plan.steps or proposal.plan.held):
        return ""
    if call.output and call.format == "sql":
        one = "-1 " if call.transactional else ""
        return f"Next: read it, then psql {one}-v ON_ERROR_STOP=1 -f {shell_word(str(call.output))}"
    words = ["sessionaudit", "repair", "--apply"]
    if call.contract.name != "expected_schema.yaml" or call.contract.parent.name:
        words += ["-c", str(call.contract)]
    if call.save_plan:
        return f"Next: read it, then {shell_line([*words, '--plan', str(call.save_plan)])}"
    return f"Next: {shell_line([*words, *_flags(asked, proposal)])}"


def _flags(asked: Options, proposal: Proposal) -> list[str]:
    """The options with which a plan was made, and those that would let its held steps run."""
    # What a repair of rows mends need not be allowed.
    spared = {(held, held.step.risk.hazard) for held in proposal.plan.held if held.step.risk and held.step.repair}
    hazards = {hazard for held in proposal.plan.held for hazard in held.step.gated if (held, hazard) not in spared} | {
        hazard for step in proposal.plan.steps for hazard in step.gated
    }
    hazards -= {Hazard.LOOSEN} - asked.allowed  # what to lose a person must ask for unprompted
    words = [word for hazard in sorted(hazards) for word in ("--allow", str(hazard))]
    if asked.with_data or any(held.step.repair for held in proposal.plan.held):
        words.append("--with-data")
    for name, value in asked.choices:
        words += ["--replace", f"{name}={value}"]
    words += ["--time-zone", asked.zone] if asked.zone else []
    for option, globs in (("--only", asked.reading.only), ("--ignore", asked.reading.ignore)):
        words += [word for glob in globs for word in (option, glob)]
    return words


def _apply(call: Call, asked: Options, proposal: Proposal, manner: Manner, terminal: Canvas) -> int:
    """Apply, and whatever ends it tell what was done before that."""
    work = _Work(call, asked, manner, terminal, proposal)
    try:
        return work.run()
    except SessionAuditError as error:
        if work.records and not isinstance(error, InterruptedRepairError):
            say_page(page.summary(work.records, terminal), colour=terminal.colour)
            error.hint = f"{error.hint} What is said above was done before that.".strip()
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

    def run(self) -> int:
        """Apply the plan and what follows from it; gives the exit code."""
        call, proposal = self._call, self.proposal
        require_writable(call.output)
        CHANGES.advice = "Run the same command again: it goes on from there."
        tried = set[tuple[str, ...]]()
        seen = repair.Verified(proposal.report, ())
        for _ in range(_ROUNDS):
            self._refuse(proposal)
            statements = tuple(statement for step in proposal.plan.steps for statement in step.sql)
            if not statements or statements in tried or not self._agreed(proposal):
                break
            tried.add(statements)
            write_before(call, proposal)
            total = len(proposal.plan.steps)
            with Teller(call.log, total, self._terminal, quiet=call.quiet) as teller:
                records = repair.carry_out(call.url, proposal, self._manner, teller)
            self.records += records
            seen = repair.verify(call.url, call.contract, proposal, self._asked)
            # A saved plan was reviewed; what an audit shows after it was not.
            if call.plan or any(record.outcome in _ENDS for record in records):
                break
            proposal = self.proposal = repair.propose(call.url, call.contract, self._asked)
        if call.format == "json":
            left = [finding.message for finding in seen.left]
            deliver(page.as_json(proposal, self.records, left), call.output)
        return self._end(proposal, seen)

    def _refuse(self, proposal: Proposal) -> None:
        """Raise RepairError where something forbids the whole plan."""
        if proposal.preflight.refusals:
            say_page(page.table(proposal, self._terminal), colour=self._terminal.colour)
            raise RepairError(
                "not all could be done, because of what stands in the way"
                if self.records
                else "nothing was changed, because of what stands in the way",
                hint="Mend what is said above, then run it again.",
            )

    def _agreed(self, proposal: Proposal) -> bool:
        call = self._call
        if not (call.quiet and call.yes):
            say_page(page.table(proposal, self._terminal), colour=self._terminal.colour)
        steps, database = len(proposal.plan.steps), proposal.report.database
        question = f"Apply {steps} step{'' if steps == 1 else 's'} to {database}?"
        otherwise = "These were not applied." if self.records else "Nothing was changed."
        return confirmed(call.yes, question, otherwise=otherwise)

    def _end(self, proposal: Proposal, seen: Verified) -> int:
        """Say what was done and what is left."""
        call = self._call
        broken = [record for record in self.records if record.outcome in {*_ENDS, Outcome.NOT_REACHED}]
        if not call.quiet and self.records:
            say_page(page.summary(self.records, self._terminal), colour=self._terminal.colour)
            if proposal.plan.held:
                flags = shell_line(_flags(self._asked, proposal))
                say(f"{len(proposal.plan.held)} held back; to let them run, add: {flags}\n" if flags else "")
            if call.format == "sql":
                sheet = canvas(no_color=call.no_color, output=call.output)
                deliver(render(seen.report, "table", sheet), call.output, colour=sheet.colour)
        elif not call.quiet and not proposal.plan.steps:
            say_page(page.table(proposal, self._terminal), colour=self._terminal.colour)
        for finding in () if broken else seen.left:
            say(f"still there: {finding.message}")
        if broken or seen.left:
            return EXIT_REPAIR
        if any(finding.severity is Severity.ERROR for finding in seen.report.findings):
            return EXIT_FINDINGS
        return EXIT_DATABASE if seen.report.skipped else EXIT_CLEAN


def write_before(call: Call, proposal: Proposal) -> None:
    """Write what a plan changes, as it is now; never over a file that says what it was before that."""
    stamp = dt.datetime.now(tz=dt.UTC)
    wanted = call.before or (call.log and call.log.with_name(f"{call.log.name}.before.yaml"))
    wanted = wanted or Path(f"sessionaudit-before-{stamp:%Y%m%dT%H%M%SZ}.yaml")
    names = (wanted, *(wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}") for number in range(2, 1000)))
    found = tuple(itertools.takewhile(lambda name: name.exists(), names))
    file, earlier = names[len(found)], found[::-1]
    title = (
        f"What sessionaudit repair was about to change in the database {proposal.report.database.name}, as it was.\n"
        f"Written at {stamp:%Y-%m-%d %H:%M:%S} UTC. To go back, as far as no data were dropped:\n"
        f"  sessionaudit repair -c {shell_word(file.name)} --apply\n"
        "What was made stricter is loosened again only with --allow loosen."
    )
    if earlier:
        title += f"\nThis leads back to before this run alone. All the way back lead, after it: {_listed(earlier)}."
    replace_file(file, repair.before(proposal, title))
    if not call.quiet:
        say(
            f"The way back is in {file}" + (f"; all the way back lead, after it: {_listed(earlier)}" if earlier else "")
        )


def _listed(files: Iterable[Path]) -> str:
    return ", ".join(shell_word(file.name) for file in files)
