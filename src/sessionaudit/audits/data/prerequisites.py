"""Check that the schema objects that a repair needs are as in the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.data.catalogs import target
from sessionaudit.contract.mentions import named, words
from sessionaudit.contract.repairs import text_of
from sessionaudit.core.finding import Severity
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.errors import UnfitError
from sessionaudit.kinds import HOLDING, KINDS
from sessionaudit.rulebook import NO_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding, Skipped
    from sessionaudit.core.kind import ObjectPath

# The kinds that a statement depends on. Privileges are checked by the server; a missing index only costs time.
_KINDS = {kind.name: kind for kind in KINDS if kind.shapes_writes}
_FILL = "Give the column {} a value in the repair file. Or allow nulls: `{}` says how."
_UNFILLED = "blocking-column"  # the rule about a column that makes an INSERT fail without a value


def require(
    contract: Contract,
    wanted: Iterable[Invariant],
    found: Sequence[Finding],
    skipped: Sequence[Skipped],
    *,
    keep_older: bool = False,
) -> None:
    """Refuse to repair rows while the tables that the repairs name differ from the contract.

    `found` are the findings of the schema audit; those on other tables, or on columns that no repair names, are
    ignored. Raises UnfitError.
    """
    texts: list[str] = []
    inserts: list[tuple[ObjectPath, set[str]]] = []
    for invariant in wanted:
        texts += invariant.fragments
        files = (invariant.repair, None if keep_older else invariant.supersede)
        for text in [text_of(contract.file, file) for file in files if file is not None]:
            texts.append(text)
            written = target(text, contract.schema)
            if written is not None and written.verb == "insert":
                inserts.append((written.path, {*words(text)}))
        texts += [str(rows.node) for rows in (invariant.each, invariant.has) if rows is not None]
    tables = {path for text in texts for path in named(text, contract)}
    said = {word for text in texts for word in words(text)}
    against = [
        finding
        for finding in found
        if (
            _unfilled(finding, inserts) if finding.rule.name == _UNFILLED else _matters(finding, tables, said, contract)
        )
    ]
    if against:
        first = min(against, key=lambda finding: finding.rule.code)
        place = f"{first.location}: " if first.location else ""
        more = f" (and {len(against) - 1} more)" if len(against) > 1 else ""
        unfilled = first.rule.name == _UNFILLED
        only = {"only": ("--only", first.ref.dotted), "ignore": ()}
        error = UnfitError(
            f"the schema that this repair needs differs from the contract, so nothing was changed: "
            f"{place}{first.rule.code} {first.rule.name}: {first.message}{more}",
            hint=_FILL.format(first.ref.dotted, CALLING.line("repair", instead=only))
            if unfilled
            else f"`{CALLING.line('repair')}` says how to repair it. Then run this again.",
        )
        error.solved_by_repair = not unfilled
        error.differing = tuple(one.fingerprint for one in against)
        raise error
    for one in skipped:
        raise UnfitError(
            f"whether the schema allows this repair is not known, so nothing was changed: {one.what}: {one.reason}",
            hint=one.hint,
        )


def _unfilled(finding: Finding, inserts: Iterable[tuple[ObjectPath, set[str]]]) -> bool:
    """Whether a repair inserts into the table of a required column without naming that column, which nothing fills."""
    path = finding.ref.path
    return finding.severity is Severity.ERROR and any(
        table == path[:2] and path[-1] not in said for table, said in inserts
    )


def _matters(finding: Finding, tables: set[tuple[str, ...]], said: set[str], contract: Contract) -> bool:
    ref = finding.ref
    if finding.rule is NO_SCHEMA:
        return any(path[0] == ref.path[0] for path in tables)
    kind = _KINDS.get(ref.kind)
    if finding.severity is not Severity.ERROR or kind is None:
        return False
    if kind.within or kind in HOLDING:
        return ref.path[:2] in tables and (kind.type_of is None or ref.path[-1] in said)
    if kind.gives_types:
        return any(ref.path[-1] in words(type_) for type_ in _types_in(tables, contract))
    return ref.path[-2 if ref.path[-1].startswith("(") else -1] in said


def _types_in(tables: set[tuple[str, ...]], contract: Contract) -> Iterator[str]:
    """Return the types that the contract gives to the columns of some tables."""
    for kind in KINDS:
        for path, entry in contract.objects[kind.name].items() if kind.type_of else ():
            if kind.type_of and path[:2] in tables and entry.value is not None:
                yield kind.type_of(entry.value)
