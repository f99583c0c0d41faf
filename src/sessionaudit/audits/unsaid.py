"""Tell of which objects a report does not say all, as the options or the contract leave it out. Names no audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.report import Unsaid
from sessionaudit.rulebook import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from sessionaudit.audits.selection import Selection
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding, Rule
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.report import Outcome

_FEW = 3  # words of a call, which may have very many
_EVERY = frozenset(RULES.values())


def with_unsaid(
    outcome: Outcome,
    contract: Contract,
    selection: Selection,
    shown: Iterable[Finding],
    rules: Callable[[ObjectRef], Collection[Rule] | None] = lambda _: None,
) -> Outcome:
    """Return an outcome that knows of which of its objects not all is said.

    `shown` are the findings that are reported or accepted. `rules` returns those that may apply to an object, None if
    all may.
    """
    off = {name for name, severity in contract.rules.items() if severity is None}
    if selection.everything and not off:
        return outcome
    told = {one.fingerprint for one in shown}
    hidden = [one for one in outcome.findings if one.fingerprint not in told]
    unsaid: dict[str, dict[ObjectRef, None]] = {}
    known: set[ObjectRef] = set()
    if not selection.everything:
        why = f"left out by {_call(selection.words)}"
        for ref in (*outcome.looked_at(), *(one.ref for one in hidden)):
            if not selection.asks(outcome.audit, ref, rules(ref) or _EVERY):
                unsaid.setdefault(why, {})[ref] = None
                known.add(ref)
    for one in hidden:
        if one.ref not in known:
            switched = "the contract switches that rule off"
            reason = switched if one.rule.name in off else f"{_call(selection.words)} leaves it out"
            unsaid.setdefault(f"a finding by {one.rule.name} is not shown: {reason}", {})[one.ref] = None
    return replace(outcome, unsaid=tuple(Unsaid(why, tuple(refs)) for why, refs in unsaid.items()))


def _call(words: Sequence[str]) -> str:
    more = " …" if len(words) > _FEW else ""
    return f"{' '.join(words[:_FEW])}{more}"
