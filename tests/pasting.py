"""What `check` prints as actual, put into a contract: it must read back as what is there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sessionaudit.contract import writer
from sessionaudit.core.node import flow
from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.sql import unqualified
from sessionaudit.cures import CURES
from sessionaudit.kinds import KINDS
from sessionaudit.kinds.grant import Grant

if TYPE_CHECKING:
    from sessionaudit.audit import Examination

_VERBATIM = {kind.name for kind in KINDS if kind.verbatim} | {"table", "grant"}


# Words for what an entry says by leaving it out, and of what no entry says: a function's whole text is its own affair.
_LEFT_OUT = {"not generated", "the type's own", "valid", "inherited", "not unique", "nothing", "none", "null"}
_LEFT_OUT |= {"not deferrable", "on delete no action", "security invoker", "enabled", "permissive", "invalid", "serial"}
_UNSAID = {
    ("grant", facet) for facet in ("reach", "option", "row_security", "closed")
}  # what a role can do, not what it has
_UNSAID |= {
    ("function", "execution"),
    ("function", ""),
    ("function", "behaviour"),
    ("function", "settings"),
    ("table", ""),
    ("table", "kind"),
}
# That nothing holds it, where nothing sees it: no contract asks for that.
_UNSAID |= {(kind, "enforced") for kind in ("key", "foreign_key", "check")}
_UNSAID |= {("column", "validated"), ("trigger", "enabled"), ("publication", "identity"), ("function", "arguments")}
_UNSAID |= {("table", facet) for facet in ("partitions", "persistence", "parent", "options", "shown")}


def _shown(kind: str, value: Any, schema: str, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: said if key == "to" else _shown(kind, said, schema, names) for key, said in value.items()}
    return unqualified(value, schema, names) if isinstance(value, str) and kind not in _VERBATIM else value


def strange(examination: Examination, names: frozenset[str]) -> list[str]:
    """What is printed as actual, and is no part of what would be pasted."""
    wrong: list[str] = []
    for finding in examination.report.findings:
        kind, model = finding.ref.kind, finding.subject.actual if finding.subject else None
        if (
            finding.actual is None
            or model is None
            or _only_reached(model)
            or finding.facet == "name"
            or (kind, finding.facet) in _UNSAID
        ):
            continue
        said = _spelled(kind, examination.contract.schema, names, model)
        parts = ["present"] if said is None else [said if isinstance(said, str) else flow(said)]
        for value in said.values() if isinstance(said, dict) else ():
            parts += [flow(value), value] if isinstance(value, str) else [flow(value)]
        if finding.actual not in _LEFT_OUT and not any(_bare(finding.actual) in _bare(part) for part in parts):
            wrong.append(f"{finding.ref} {finding.facet}: {finding.actual!r} is no part of {parts[0]!r}")
    return wrong


def _only_reached(model: Any) -> bool:
    """Whether a role has nothing itself, and no entry of its own."""
    return isinstance(model, Grant) and not model.privileges | model.columns


def _spelled(kind: str, schema: str, names: frozenset[str], model: Any) -> Any:
    return _shown(kind, CURES[kind].spell(model), schema, names)


def _bare(text: str) -> str:
    """Without the parentheses that may stand around an expression, and a schema that may be left out."""
    return text.removeprefix("(").removesuffix(")").replace("public.", "")


def pasted(examination: Examination, names: frozenset[str]) -> str:
    """All that is there as a contract, spelled as `check` prints it; `names` are PostgreSQL's own."""
    schema = examination.contract.schema
    objects = examination.actual.objects.items()
    return writer.write(
        [
            (ObjectRef(kind, path), model)
            for kind, found in objects
            for path, model in found.items()
            if not _only_reached(model)
        ],
        {name: partial(_spelled, name, schema, names) for name in CURES},
        {name: cure.key for name, cure in CURES.items() if cure.key},
        schema=schema,
        title="As it is.",
    )
