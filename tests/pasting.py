"""What `check` prints of what is there, put into a contract: it must read back as what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from sessionaudit.audits.schema import definition
from sessionaudit.contract import writer
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.core.finding import Finding

_KINDS = {kind.name: kind for kind in KINDS}


def unstated(finding: Finding, examination: Examination) -> bool:
    """Whether a finding is of what no contract can say, so that no definition would be clean of it."""
    found = (finding.subject and finding.subject.found) or finding.ref
    model = examination.actual.objects.get(found.kind, {}).get(found.path)
    return definition.unstated(finding.ref.kind, finding.facet, model)


def _told(examination: Examination) -> list[Finding]:
    findings = (*examination.report.findings, *(finding for finding, _ in examination.report.waived))
    return [finding for finding in findings if finding.definition is not None]


def undefined(examination: Examination) -> list[str]:
    """What is printed as actual, could be said by a contract, and comes without the definition of the whole."""
    findings = [*examination.report.findings, *(finding for finding, _ in examination.report.waived)]
    return [
        f"{finding.ref} {finding.facet}: {finding.definition!r} for {finding.actual!r}"
        for finding in findings
        if (finding.definition is None) != (finding.actual is None or unstated(finding, examination))
    ]


def pasted(examination: Examination, names: frozenset[str]) -> str:
    """All that is there as a contract, in which what `check` printed stands where it did; `names` are PostgreSQL's."""
    schema = examination.contract.schema
    objects = examination.actual.objects.items()
    text = writer.write(
        [
            (ObjectRef(kind, path), model)
            for kind, found in objects
            for path, model in found.items()
            if not definition.unstated(kind, "", model) and not _on_another(ObjectRef(kind, path), examination)
        ],
        schema=schema,
        title="As it is.",
        spell=lambda kind, model: definition.spelled(kind, model, schema, lambda: names),
    )
    whole = _loaded(text)
    version = whole.pop("version")
    for finding in sorted(_told(examination), key=lambda finding: not _KINDS[finding.ref.kind].within):
        _put(whole, finding, schema, lambda ref: ref.path in examination.contract.objects[ref.kind])
    return f"version: {version}\n" + yaml.safe_dump(whole, sort_keys=False, default_style='"')


def _on_another(ref: ObjectRef, examination: Examination) -> bool:
    """Whether it is on something of which no contract can say what it is."""
    there = examination.actual.objects
    holder = _KINDS[ref.kind].holder(ref.path, lambda one: one.path in there.get(one.kind, {}))
    model = there.get(holder.kind, {}).get(holder.path) if holder else None
    return holder is not None and model is not None and definition.unstated(holder.kind, "", model)


def _loaded(text: str) -> dict[str, Any]:
    """YAML in which every scalar is a text, as it is to the contract's reader."""
    found: dict[str, Any] = yaml.load(text, yaml.BaseLoader)
    return found


def _put(whole: dict[str, Any], finding: Finding, schema: str, known: Callable[[ObjectRef], bool]) -> None:
    """Put what was printed in the place of what is said of the same object, under whatever of its names."""
    kind = _KINDS[finding.ref.kind]
    [(key, said)] = _loaded(str(finding.definition)).items()
    holder = kind.holder(finding.ref.path, known)
    section = whole.setdefault(_KINDS[holder.kind].section if holder else kind.section, {})
    if holder:
        section = section.setdefault(dotted(finding.ref.path[:-1]), {}).setdefault(kind.section, {})
    before = _taken(section, key, schema)
    if isinstance(before, dict) and kind.keys:  # beside which stands what it holds
        said = {**{name: one for name, one in before.items() if name not in kind.keys}, **said}
    elif isinstance(before, dict) and "schema" in kind.path[1:]:  # a list below its owner
        for name in said:
            _taken(before, name, schema)
        said = before | said
    section[key] = said


def _taken(section: dict[str, Any], key: str, schema: str) -> Any:
    """What stands under a name, with the schema or without it, taken out of there."""
    found = [name for name in section if name in {key, dotted((schema,)) + f".{key}"}]
    return section.pop(found[0]) if found else None
