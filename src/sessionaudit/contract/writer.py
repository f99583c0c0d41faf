"""Writes models as a contract in YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from sessionaudit.core.entries import standing
from sessionaudit.core.node import ABSENT, PRESENT, surprising
from sessionaudit.core.ref import dotted
from sessionaudit.core.visible import hidden, visible
from sessionaudit.kinds import KINDS
from sessionaudit.rulebook import MISNAMED
from sessionaudit.sql.text import unqualified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessionaudit.core.ref import ObjectRef

_KINDS = {kind.name: kind for kind in KINDS}
_WIDEST = 1_000_000  # no line of a contract is broken for its length
# What is said of objects that the contract does not name, and of no others.
_RULES = sorted(
    {rule.name for kind in KINDS for rule in (kind.unexpected, kind.harmful and kind.harmful[0]) if rule}
    - {attribute.rule.name for kind in KINDS for attribute in kind.attributes}
)


def spelled(kind: str, model: Any) -> Any:
    """What the contract says of a model, as YAML's data; None where the name says it all."""
    return _KINDS[kind].spell(model)


def write(
    objects: Iterable[tuple[ObjectRef, Any | None]],
    *,
    schema: str,
    title: str,
    spell: Callable[[str, Any], Any] = spelled,
) -> str:
    """Spell objects as a contract; a model of None declares its object absent.

    `spell` gives for a kind's name and a model what the contract says of it, as YAML's data; None where the
    name says it all. Of what the contract does not name it judges nothing.
    """
    data: dict[str, Any] = {"version": 1, "schema": standing(schema)}
    found = dict(objects)
    for kind in KINDS:
        for ref, model in sorted(((ref, model) for ref, model in found.items() if ref.kind == kind.name)):
            holder = kind.holder(ref.path, found.__contains__)
            _place(data, ref, holder, ABSENT if model is None else spell(kind.name, model), key_of(ref, model))
    data["rules"] = {**dict.fromkeys(_RULES, "ignore"), MISNAMED.name: "warning"}  # so that a name comes back, too
    body = _spelled(data, plain=True)
    if hidden(body.replace("\n", "")):
        body = _spelled(data, plain=False)
    lines = "".join(f"# {visible(line)}\n" if line else "#\n" for line in title.split("\n"))
    return f"{lines}\n{body}"


def _spelled(data: dict[str, Any], *, plain: bool) -> str:
    """YAML; where not `plain`, all but ASCII is in escapes."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=plain, width=1000)


def _place(data: dict[str, Any], ref: ObjectRef, holder: ObjectRef | None, said: Any, key: str) -> None:
    kind = _KINDS[ref.kind]
    if holder is not None:
        section = data.setdefault(_KINDS[holder.kind].section, {})
        around = section.setdefault(dotted(holder.path), {})
        if around != ABSENT:
            around.setdefault(kind.section, {})[standing(ref.path[-1])] = said
        return
    section = data.setdefault(kind.section, {})
    *above, name = (key,) if key else name_of(ref)
    if above:  # a list below its owner, such as a publication's tables
        section.setdefault(above[0], {})[name] = PRESENT if said is None else said
    elif said is None:
        section[name] = PRESENT
    elif isinstance(section.get(name), dict) and isinstance(said, dict):
        section[name].update(said)
    else:
        section[name] = said


def key_of(ref: ObjectRef, model: Any | None) -> str:
    """What an object stands under, where that is more than its name; else ""."""
    key = _KINDS[ref.kind].key
    return key(ref, model) if key and model is not None else ""


def line(ref: ObjectRef, model: Any, said: Any, schema: str) -> str:
    """What a contract says of one object, as it stands in its section: a line, or more where a text has more.

    `said` is what it says of the model; of what is in `schema` the name stands alone. What is said of an
    object that holds others is a mapping that goes beside what is said of these.
    """
    kind, key = _KINDS[ref.kind], key_of(ref, model)
    *above, name = (standing(ref.path[-1]),) if kind.within else (key,) if key else name_of(ref)
    if not kind.within and "schema" in kind.path:
        name = unqualified(name, schema)
    said = PRESENT if said is None else said
    data = {above[0]: {name: said}} if above else {name: said}
    text = _line(data, plain=True)
    return _line(data, plain=False) if hidden(text.replace("\n", "")) else text


def _line(data: dict[str, Any], *, plain: bool) -> str:
    """YAML with all but the outermost mapping in brackets."""
    text = yaml.dump(
        _Outermost(data), Dumper=_Dumper, sort_keys=False, default_flow_style=True, allow_unicode=plain, width=_WIDEST
    )
    return text.rstrip("\n")


def name_of(ref: ObjectRef) -> tuple[str, ...]:
    """The keys under which the contract has an object: its name, or its owner and its name."""
    parts = _KINDS[ref.kind].path
    at = parts.index("schema") if "schema" in parts else 0
    owners = tuple(map(standing, ref.path[:at]))
    return (*owners, dotted(ref.path[at:]) if "schema" in parts else standing(ref.path[at]))


class _Outermost(dict[str, Any]):
    """A mapping that stands in lines, and not in brackets."""


class _Dumper(yaml.SafeDumper):
    """Writes texts of many lines as such, and quotes nothing that need not be."""


def _text(_dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if surprising(text) else "|" if "\n" in text else None
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style)


def _outermost(dumper: yaml.SafeDumper, data: _Outermost) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=False)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Outermost, _outermost)
