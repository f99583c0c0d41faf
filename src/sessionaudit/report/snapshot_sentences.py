"""What `snapshot` says beside the contract."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessionaudit.core.counting import counted
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.kinds import NOT_AUDITED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.code.usage.usage import CodeUsage
    from sessionaudit.snapshot.session import Made
    from sessionaudit.snapshot.sources import MadeOfFiles

_OTHER_VERSION = "Set SESSIONAUDIT_PG_BIN to the directory of the programs of that version."
_EXTENSIONS = "Set SESSIONAUDIT_PG_BIN to the directory of the programs of a PostgreSQL that has them."
_MOST = 20  # findings that are listed


def told_of_files(made: MadeOfFiles, file: str) -> Iterator[str]:
    """The same of a contract that was made of files, and what these lacked."""
    yield from told(made.made, file, made.source)
    for name in made.lacking:
        yield f"warning: the extension {name} cannot be created in the private server; it is not in the contract."
    if made.lacking:
        yield f"hint: {_EXTENSIONS}"
    if made.dumped and made.dumped != made.replayed:
        yield (
            f"warning: the dump is of PostgreSQL {made.dumped}, and the private server is {made.replayed}: there, ALL "
            "may stand for other privileges, and definitions may be printed otherwise."
        )
        yield f"hint: {_OTHER_VERSION}"
    for one in made.ignored[:_MOST]:
        yield f"warning: {one.file} was not run: {one.why}."
    if len(made.ignored) > _MOST:
        yield f"  … and {len(made.ignored) - _MOST:,} more files."
    if made.assumed:
        named = f"the role{'s' if len(made.assumed) > 1 else ''} {', '.join(made.assumed)}"
        yield f"warning: {named} did not exist; made without rights, because the files name them."


def told_of_parts(number: int) -> Iterator[str]:
    """In how many files the contract stands beside the main one."""
    if number:
        yield f"{counted(number, 'file')} beside it {'is' if number == 1 else 'are'} included by it."


def told(made: Made, file: str, source: str = "") -> Iterator[str]:
    """What was written, what could not be, and what is accepted because it is so today.

    `source` is what it was made from, where that is no database that stays.
    """
    snapshot = made.snapshot
    if file:
        number = sum(map(len, snapshot.actual.objects.values()))
        yield f"{counted(number, 'object')} of {source or snapshot.database} written to {file}"
        yield f"Not in it, because no kind covers them: {', '.join(NOT_AUDITED)}."
    if made.usage is not None:
        yield from _told_of_code(made.usage)
    for ref in snapshot.unwritten:
        yield f"warning: a contract cannot state {ref}; it was left out."
    for one in snapshot.skipped:
        yield f"warning: {one.what} could not be read: {one.reason}."
        yield f"hint: {one.hint}"
    if made.waived:
        findings = counted(len(made.waived), "finding")
        yield f"warning: check would report {findings} on the database as it is. The contract has a waiver for each:"
        for finding in made.waived[:_MOST]:
            yield f"  {finding.severity} {finding.rule.code} {finding.rule.name}: {finding.message}"
        if len(made.waived) > _MOST:
            yield f"  … and {len(made.waived) - _MOST:,} more, under `waivers:`."
    if made.undecided:
        findings = counted(len(made.undecided), "definition")
        yield f"warning: it could not be decided whether check reads {findings} as the database has them:"
        yield from (f"  {finding.ref}: {finding.message}" for finding in made.undecided[:_MOST])
    if file and not source:  # files name no database to check
        yield f"Next: {CALLING.line('check', instead={'contract': ('-c', file)})}"


def _told_of_code(usage: CodeUsage) -> Iterator[str]:
    """What was found of the code: calls, what they use that is not there, and what is not known of them."""
    examined = usage.examined
    files, calls = counted(examined.read.looked, "file"), counted(examined.calls, "call")
    yield f"It is limited to what {calls} in {files} of code use."
    for skipped in examined.skipped:
        yield f"warning: {skipped.what} is not known: {skipped.reason}."
    if usage.lacking:
        number = counted(len(usage.lacking), "time")
        yield f"warning: {number} the code uses what the database does not have. It is not in the contract:"
        for finding in usage.lacking[:_MOST]:
            yield f"  {finding.location}: {finding.rule.name}: {finding.message}"
        if len(usage.lacking) > _MOST:
            yield f"  … and {counted(len(usage.lacking) - _MOST, 'more time')}."
    unknown = (*examined.undecided, *usage.unread)
    if unknown:
        number = counted(len(unknown), "part")
        yield f"warning: {number} of calls cannot be known from the text, so the contract may lack what they use:"
        for reason, count in Counter(one.reason for one in unknown).most_common(_MOST):
            yield f"  {count:,}: {reason}"
