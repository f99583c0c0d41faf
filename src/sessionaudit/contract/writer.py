"""Write models as a contract in YAML."""

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
_WIDEST = 1_000_000  # long lines of a contract are not broken
# The rules about objects that the contract does not name, and about what is of other objects.
_UNNAMED = {rule.name for kind in KINDS for rule in (kind.unexpected, kind.harmful and kind.harmful[0]) if rule}
_OF_OTHERS = {attribute.rule.name for kind in KINDS for attribute in kind.attributes if attribute.elsewhere}
_OWN = {attribute.rule.name for kind in KINDS for attribute in kind.attributes if not attribute.elsewhere}
_RULES = sorted((_UNNAMED | _OF_OTHERS) - _OWN)


def spelled(kind: str, model: Any) -> Any:
    """Return a model as the data of the contract's YAML; None if the name is all."""
    return _KINDS[kind].spell(model)


def write(
    objects: Iterable[tuple[ObjectRef, Any | None]],
    *,
    schema: str,
    title: str,
    spell: Callable[[str, Any], Any] = spelled,
    ordered: bool = False,
) -> str:
    """Spell objects as a contract, by name unless they are `ordered`; a model of None declares its object absent.

    `spell` returns a model as the data of the YAML, for a kind's name and the model; None if the name is all. The
    written contract ignores objects that it does not name.
    """
    data: dict[str, Any] = {"version": 1, "schema": standing(schema)}
    found = dict(objects)
    for kind in KINDS:
        those = [(ref, model) for ref, model in found.items() if ref.kind == kind.name]
        for ref, model in those if ordered else sorted(those, key=lambda one: one[0]):
            holder = kind.holder(ref.path, found.__contains__)
            _place(data, ref, holder, ABSENT if model is None else spell(kind.name, model), key_of(ref, model))
    remarks = {rule.name for ref in found if (kind := _KINDS[ref.kind]).aside for rule in kind.rules}
    # So that a repair restores names and remarks.
    data["rules"] = {**dict.fromkeys(_RULES, "ignore"), **dict.fromkeys((MISNAMED.name, *sorted(remarks)), "warning")}
    body = _spelled(data, plain=True)
    if hidden(body.replace("\n", "")):
        body = _spelled(data, plain=False)
    lines = "".join(f"# {visible(line)}\n" if line else "#\n" for line in title.split("\n"))
    return f"{lines}\n{body}"


def _spelled(data: dict[str, Any], *, plain: bool) -> str:
    """Return YAML; if not `plain`, all characters beyond ASCII are escaped."""
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
    if above:  # a list under its owner, such as a publication's tables
        section.setdefault(above[0], {})[name] = PRESENT if said is None else said
    elif said is None:
        section[name] = PRESENT
    elif isinstance(section.get(name), dict) and isinstance(said, dict):
        section[name].update(said)
    else:
        section[name] = said


def key_of(ref: ObjectRef, model: Any | None) -> str:
    """Return the key of an object, if it is more than its name; else ""."""
    key = _KINDS[ref.kind].key
    return key(ref, model) if key and model is not None else ""


def line(ref: ObjectRef, model: Any, said: Any, schema: str) -> str:
    """Return the line of one object in its section of a contract; several lines for a text with line breaks.

    `said` is the model as data; the name of an object in `schema` is not qualified. The data of an object that contains
    others are a mapping, which is merged with the sections of these.
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
    """Return YAML in which only the outermost mapping is not in brackets."""
    text = yaml.dump(
        _Outermost(data), Dumper=_Dumper, sort_keys=False, default_flow_style=True, allow_unicode=plain, width=_WIDEST
    )
    return text.rstrip("\n")


def name_of(ref: ObjectRef) -> tuple[str, ...]:
    """Return the keys of an object in the contract: its name, or its owner and its name."""
    parts = _KINDS[ref.kind].path
    at = parts.index("schema") if "schema" in parts else len(ref.path) - 1
    owners = tuple(map(standing, ref.path[:at]))
    return (*owners, dotted(ref.path[at:]) if "schema" in parts else standing(ref.path[at]))


class _Outermost(dict[str, Any]):
    """A mapping that is written in lines, not in brackets."""


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and quotes only what must be quoted."""


def _text(_dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if surprising(text) else "|" if "\n" in text else None
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style)


def _outermost(dumper: yaml.SafeDumper, data: _Outermost) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=False)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Outermost, _outermost)
