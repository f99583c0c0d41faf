"""What is missing of migrations, as a contract can state it: without what no statement of theirs gives or drops."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations.met import SCRATCH
from sessionaudit.audits.migrations.stated import drops, rights_stated
from sessionaudit.audits.schema import definition
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessionaudit.audits.migrations.effects import History, MigrationReplay
    from sessionaudit.audits.migrations.standing import LackingEffect, MigrationStanding, OtherwiseThere
    from sessionaudit.audits.migrations.verdicts import Verdicts

_KINDS = {kind.name: kind for kind in KINDS}
_RENAMES = "renames or moves what it is on: run the statements of the files by hand, in their order"
_HELD_BACK = frozenset(("nullability", "validated"))
_PRIVILEGES = frozenset(
    ("all", "select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain", "usage", "create")
)


def missing_models(history: History, verdicts: Verdicts) -> tuple[dict[ObjectRef, Any | None], dict[ObjectRef, str]]:
    """What is missing of any migration, as it is at the end, None for what is to be gone; and why some cannot be made.

    That of other migrations tells the planner what this one stands on.
    """
    models: dict[ObjectRef, Any | None] = {}
    unmade: dict[ObjectRef, str] = {}
    for one in verdicts.migrations:
        for lacking in one.standing.lacking if one.standing else ():
            ref = lacking.ref
            if lacking.sort == "left":
                if why := _kept(one.replay, lacking):
                    unmade[ref] = why
                else:
                    models.setdefault(ref, None)
                continue
            model = history.model(ref) or _met(one.replay, ref)
            if (other := history.renamed_in(ref)) is not None:
                unmade[ref] = f"{other.file} {_RENAMES}"
            elif model is None or SCRATCH in repr(model):
                unmade[ref] = "what it should be is not known"
            elif definition.unstated(ref.kind, lacking.facet, model):
                unmade[ref] = "no statement of ours makes such an object"
            elif more := _beyond(one.replay, ref, model):
                unmade[ref] = f"by default the role would also have {more}, which no statement of the file gives it"
            else:
                models[ref] = model
    return models, unmade


def _kept(replay: MigrationReplay | None, lacking: LackingEffect) -> str:
    """Why what is left is not dropped; "" where a statement of the file says that it is to be dropped."""
    if replay is None:
        raise AssertionError(lacking)
    other = next((one.other for one in replay.of("dropped") if one.ref == lacking.ref), None)
    if other is not None:
        return f"rename it to {other.dotted}, which this script does not do"
    return "" if drops(replay, lacking.ref, lacking.location) else "no statement of the file names it to drop it"


def _beyond(replay: MigrationReplay | None, ref: ObjectRef, model: Any) -> str:
    """The privileges that a role has on what the file itself makes, but not by a statement of the file."""
    kind = _KINDS[ref.kind]
    if replay is None or "role" not in kind.path:
        return ""
    at = kind.path.index("role")
    if not any(one.ref.path == ref.path[:at] for one in replay.of("added")):
        return ""
    given = rights_stated(replay.migration, ref.path[at])
    held = {word for word in re.findall("[a-z]+", str(kind.spell(model)).lower()) if word in _PRIVILEGES}
    return "" if "all" in given else ", ".join(sorted(held - given))


def is_weaker(one: OtherwiseThere, replay: MigrationReplay, history: History) -> bool:
    """Whether it is what an earlier run held back: what the file makes lacks a check that its rows did not pass yet."""
    model = history.model(one.ref)
    if model is None or one.facet not in _HELD_BACK or not any(made.ref == one.ref for made in replay.of("added")):
        return False
    attribute = next(attribute for attribute in _KINDS[one.ref.kind].attributes if attribute.facet == one.facet)
    return all(getattr(model, field) is True for field in attribute.fields)


def without_later(
    models: dict[ObjectRef, Any | None], stands: MigrationStanding, replay: MigrationReplay, history: History
) -> dict[ObjectRef, Any | None]:
    """Leave out the columns and other parts that later files add to what is missing of this one."""
    missing = {one.ref.path for one in stands.lacking if one.sort == "object"}
    later = {effect.ref for file in _files_after(history, replay) for effect in file.of("added")}
    own = {one.ref for one in stands.lacking}
    return {
        ref: model
        for ref, model in models.items()
        if ref in own or ref not in later or not any(ref.path[:at] in missing for at in range(2, len(ref.path)))
    }


def _files_after(history: History, replay: MigrationReplay) -> Sequence[MigrationReplay]:
    place = next(place for place, file in enumerate(history.files) if file.migration is replay.migration)
    return history.files[place + 1 :]


def _met(replay: MigrationReplay | None, ref: ObjectRef) -> Any | None:
    """What a statement with IF NOT EXISTS would have made on a relation that it met."""
    found = (met.lacking for met in replay.met_existing if met.lacking) if replay else ()
    return next((made[ref] for made in found if ref in made), None)


def with_holders(models: dict[ObjectRef, Any | None], history: History) -> Iterable[tuple[ObjectRef, Any | None]]:
    """Add what the objects are on or in, without which a contract cannot name them."""
    every = dict(models)
    for ref in models:
        holder = _KINDS[ref.kind].holder(ref.path, lambda one: one in models or history.model(one) is not None)
        while holder is not None and holder not in every:
            model = history.model(holder)
            if model is None:
                every.pop(ref)
                break
            every[holder] = model
            above = holder
            holder = _KINDS[above.kind].holder(above.path, lambda one: history.model(one) is not None)
    # In the order that they were made in: so the columns of a table come as they do in the file.
    places = {ref: place for place, ref in enumerate(_in_order(history, {ref.kind for ref in every}))}
    return sorted(every.items(), key=lambda one: (places.get(one[0], len(places)), one[0]))


def _in_order(history: History, kinds: Iterable[str]) -> Iterator[ObjectRef]:
    """The objects there are at the end: those on one relation as its catalogs number them."""
    yield from (ObjectRef(kind, path) for kind in sorted(kinds) for path in history.final.get(kind, {}))
