"""Hold what a migration makes against what is there.

A claim is made only of what was proven: an object is there or not; a facet that a file changes has not been changed if
it still is as before. What a later file removes or changes is not missed. What a platform or an owner is given by
default, such as privileges, counts only where a statement is about nothing else.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from msgspec import Struct

from sessionaudit.audits.migrations.rights import FACET, differing_rights
from sessionaudit.audits.migrations.stated import drops_by_name, rights_stated
from sessionaudit.core.place import line_starts
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS, RELATIONS
from sessionaudit.sql import equality
from sessionaudit.sql.text import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessionaudit.audits.migrations.effects import (
        ExpectedObject,
        History,
        MetExisting,
        MigrationReplay,
        ObjectEffect,
    )
    from sessionaudit.core.finding import Location
    from sessionaudit.core.kind import Attribute
    from sessionaudit.core.schema import Schema

_KINDS = {kind.name: kind for kind in KINDS}
# Such objects say what a role may do.
_OF_ROLES = frozenset(kind.name for kind in KINDS if "role" in kind.path)
# Facets that depend on who runs the files, and where.
_BY_WHOM = frozenset({"owner", "grants", "excess", "option", "public", "reach", "execution", "closed", "bypass"})
_ON_RELATIONS = frozenset(kind.name for kind in KINDS if kind.on_relation and not kind.is_relation)
UNREADABLE = "the role may not read the catalog"
BY_OWNER = "it belongs to the role that runs the migrations, and which that is where they are applied is not known"
PRINTED_OTHERWISE = "the two servers print it differently, and their texts alone do not tell whether it is the same"
REUSED = "gives names of it to other objects, so that it is not known which of them is there"
Sort = Literal["object", "facet", "left"]


class LackingEffect(NamedTuple):
    """Something that a migration makes and that is not there, or that it drops and that was left.

    `location` is the statement that does so. `reason` says why, where that was seen; "" otherwise.
    """

    ref: ObjectRef
    facet: str
    sort: Sort
    location: Location
    reason: str = ""


class UnknownEffect(NamedTuple):
    """Something of which it is not known whether it is there, or is so; and why."""

    ref: ObjectRef
    why: str
    facet: str = ""

    def __str__(self) -> str:
        return f"the {self.facet} of {self.ref}" if self.facet else str(self.ref)


class OtherwiseThere(NamedTuple):
    """A facet of an object that is neither as the files make it nor as it was before."""

    ref: ObjectRef
    facet: str
    location: Location
    expected: str | None
    actual: str | None


class MigrationStanding(Struct, frozen=True, kw_only=True):
    """What is there of a migration: how many claims hold, what is lacking, and of what nothing is known."""

    there: int = 0
    lacking: tuple[LackingEffect, ...] = ()
    unknown: tuple[UnknownEffect, ...] = ()
    otherwise: tuple[OtherwiseThere, ...] = ()

    @property
    def claims(self) -> int:
        """How much could be looked at."""
        return self.there + len(self.lacking)


def standing(history: History, file: MigrationReplay, actual: Schema, *, same_version: bool) -> MigrationStanding:
    """Compare what a file should have left behind with what is there.

    `same_version` tells that both servers print definitions alike, so that a text that differs is another one.
    """
    return _Comparison(history, file, actual, same_version=same_version).made()


class _Comparison:
    def __init__(self, history: History, file: MigrationReplay, actual: Schema, *, same_version: bool) -> None:
        self._history, self._file, self._actual = history, file, actual
        self._same_version = same_version
        self._there = 0
        self._lacking: list[LackingEffect] = []
        self._unknown: list[UnknownEffect] = []
        self._otherwise: list[OtherwiseThere] = []

    def made(self) -> MigrationStanding:
        implied = _implied(self._file)
        for expected in self._history.expected(self._file):
            if expected.effect.ref not in implied:
                self._object(expected)
        for effect in self._file.of("dropped"):
            if effect.ref not in implied:
                self._dropped(effect)
        for met in self._file.met_existing:
            self._met(met)
        lacking = {one.ref.path for one in self._lacking}
        told: set[ObjectRef] = set()
        for ref, location, made, found in differing_rights(self._history, self._file, self._actual):
            if ref not in told and (*ref.path, made.partition(":")[0]) not in lacking:
                told.add(ref)
                self._otherwise.append(OtherwiseThere(ref, FACET, location, made, found))
        return MigrationStanding(
            there=self._there,
            lacking=tuple(self._lacking),
            unknown=tuple(self._unknown),
            otherwise=tuple(self._otherwise),
        )

    def _object(self, expected: ExpectedObject) -> None:
        effect = expected.effect
        ref = expected.ref
        if expected.model is None or any(step.effect.deed == "dropped" for step in expected.later):
            return
        if (other := self._history.reused_in(ref)) is not None:
            self._unknown.append(UnknownEffect(ref, f"{other.file} {REUSED}"))
            return
        objects = self._objects(ref)
        if objects is None:
            self._unknown.append(UnknownEffect(ref, UNREADABLE))
            return
        found = objects.get(ref.path)
        if effect.deed == "added" and effect.other is not None:
            self._there += found is not None  # else it is missed of the file that made it, or left under the other name
            return
        if found is None:
            if any(self._is_there(name) for name in (effect.ref, *expected.names)):
                self._there += effect.deed == "added"  # not renamed, of which is told where it should have been
            elif self._is_of_owner(ref):
                self._unknown.append(UnknownEffect(ref, BY_OWNER))
            elif effect.deed == "added" or self._history.made_by(ref) is None:
                self._lack(LackingEffect(ref, "", "object", effect.location, self._reason(expected)))
            return
        if effect.deed == "added":
            self._there += 1
            self._drift(expected, found)
            return
        for facet in expected.facets:
            self._facet(expected, facet, found)

    def _is_of_owner(self, ref: ObjectRef) -> bool:
        """Whether it belongs to the role that runs the files, which may be another one elsewhere."""
        belongs_to = _KINDS[ref.kind].belongs_to
        return belongs_to is not None and self._history.owner in belongs_to(ref.path)

    def _is_there(self, ref: ObjectRef) -> bool:
        return ref.path in (self._objects(ref) or {})

    def _lack(self, lacking: LackingEffect) -> None:
        """Note what is not so, unless a later migration may have made it so and nobody knows."""
        later = self._history.unseen_after(self._file, lacking.ref)
        if later is None:
            self._lacking.append(lacking)
        else:
            self._unknown.append(UnknownEffect(lacking.ref, f"{later.file}, which did not run, may have changed that"))

    def _facet(self, expected: ExpectedObject, facet: str, found: Any) -> None:
        effect, ref = expected.effect, expected.ref
        attribute = _attribute(ref, facet)
        made = expected.model if expected.renamed else effect.after  # which may tell of the name
        if self._same(attribute, made, found):
            self._there += 1
        elif self._same(attribute, effect.before, found):
            self._lack(LackingEffect(ref, facet, "facet", effect.location))
        elif self._same(attribute, made, found) is False:
            self._differing(ref, effect.location, attribute, found)
        else:
            self._unknown.append(UnknownEffect(ref, PRINTED_OTHERWISE, facet))

    def _drift(self, expected: ExpectedObject, found: Any) -> None:
        if expected.effect.ref.kind in _OF_ROLES:
            return
        for facet in expected.facets:
            if facet in _BY_WHOM:
                continue
            attribute = _attribute(expected.effect.ref, facet)
            same = self._same(attribute, expected.model, found)
            if same is None:
                self._unknown.append(UnknownEffect(expected.ref, PRINTED_OTHERWISE, facet))
            elif not same:
                self._differing(expected.ref, expected.effect.location, attribute, found)

    def _differing(self, ref: ObjectRef, location: Location, attribute: Attribute[Any], found: Any) -> None:
        if self._history.unseen_after(self._file, ref) is not None:
            return
        made = self._history.model(ref)
        self._otherwise.append(
            OtherwiseThere(ref, attribute.facet, location, attribute.show(made), attribute.show(found))
        )

    def _dropped(self, effect: ObjectEffect) -> None:
        last = self._history.dropped_by(effect.ref)
        if last is None or last.migration is not self._file.migration:
            return
        objects = self._objects(effect.ref)
        if (other := self._history.reused_in(effect.ref)) is not None:
            self._unknown.append(UnknownEffect(effect.ref, f"{other.file} {REUSED}"))
        elif objects is None:
            self._unknown.append(UnknownEffect(effect.ref, UNREADABLE))
        elif effect.ref.path in objects:
            why = f"the statement gives it the name {effect.other}" if effect.other else ""
            self._lack(LackingEffect(effect.ref, "", "left", effect.location, why))
        elif effect.other is None:
            self._there += 1

    def _met(self, met: MetExisting) -> None:
        """What the statement would have made on a relation that was there: it added nothing to it."""
        if any(drops_by_name(one, met.ref.path) for one in self._history.after(self._file)):
            return  # what is there is another relation
        where = f", made at {met.made_by}" if met.made_by else ""
        reason = f"{met.ref} was there before{where}: IF NOT EXISTS adds nothing to what is there"
        for ref in met.lacking or ():
            if not never_made(self._history, ref):
                continue
            objects = self._objects(ref)
            if objects is None:
                self._unknown.append(UnknownEffect(ref, UNREADABLE))
            elif ref.path in objects:
                self._there += 1
            elif ref.kind not in _OF_ROLES:
                self._lack(LackingEffect(ref, "", "object", met.location, reason))

    def _reason(self, expected: ExpectedObject) -> str:
        effect = expected.effect
        if expected.renamed:
            step = expected.renamed[-1].effect
            return f"it was made as {effect.ref}, and has this name since {step.location}"
        if self._file.state == "rejected":
            proven = next((one for one in self._file.failures if not one.unproven), None)
            return f"the file is rejected at {proven.location}" if proven else ""
        ref = effect.ref
        if ref.kind not in _ON_RELATIONS or not self._guarded(effect):
            return ""
        holder = next((k for k in RELATIONS if ref.path[:2] in self._actual.objects.get(k.name, {})), None)
        if holder is None:
            return ""
        relation = ObjectRef(holder.name, ref.path[:2])
        return f"{relation} is older than this file, or was changed since: IF NOT EXISTS adds nothing to it"

    def _guarded(self, effect: ObjectEffect) -> bool:
        """Whether the statement makes the whole relation, unless there is one of this name."""
        made = ObjectRef(_holder(self._file, effect), effect.ref.path[:2])
        if not any(one.ref == made and one.location == effect.location for one in self._file.of("added")):
            return False
        text = self._file.migration.text
        words = [token.text.lower() for token in islice(tokens(text, _offset(text, effect.location)), 8)]
        return words[0] == "create" and any(words[at : at + 3] == ["if", "not", "exists"] for at in range(len(words)))

    def _objects(self, ref: ObjectRef) -> Mapping[tuple[str, ...], Any] | None:
        """What is there of a kind, without what only has such a name; None where its catalogs could not be read."""
        objects, other = self._actual.objects.get(ref.kind), _KINDS[ref.kind].other
        found = objects.get(ref.path) if objects is not None and other is not None else None
        if objects is None or other is None or found is None or not other(found):
            return objects
        return {path: model for path, model in objects.items() if path != ref.path}

    def _same(self, attribute: Attribute[Any], made: Any, found: Any) -> bool | None:
        if made is None:
            return False
        same = attribute.compare(made, found)
        if same is not None or attribute.form is None:
            return same
        texts = attribute.form.text(made) or "", attribute.form.text(found) or ""
        if equality.same_words(*texts):
            return True
        if self._same_version:
            return False
        form = attribute.form
        type_ = form.context(made) if form.context else None
        # Another version may print what means the same otherwise; whether a name is pg_catalog's is not asked.
        alike = form.wrap is not None and equality.same_meaning(
            *texts, wrap=form.wrap, schema="", shadowed=lambda _names: True, type_=type_
        )
        return True if alike else None


def never_made(history: History, ref: ObjectRef) -> bool:
    """Whether an object is not there at the end, and no file removes it."""
    return history.model(ref) is None and all(step.effect.deed != "dropped" for step in history.steps.get(ref, ()))


def _attribute(ref: ObjectRef, facet: str) -> Attribute[Any]:
    return next(one for one in _KINDS[ref.kind].attributes if one.facet == facet)


def _implied(file: MigrationReplay) -> frozenset[ObjectRef]:
    """What roles may do by a statement that is about something else: defaults of the owner and of the platform."""
    others = [effect for effect in file.effects if effect.ref.kind not in _OF_ROLES]
    own = {effect.location for effect in others}
    made = {effect.ref.path for effect in others if effect.deed == "added"}
    return frozenset(
        one.ref
        for one in file.effects
        if one.ref.kind in _OF_ROLES
        and (one.location in own or (_on(one.ref) in made and not _is_given(file, one.ref)))
    )


def _on(ref: ObjectRef) -> tuple[str, ...]:
    """What a role has rights on."""
    return ref.path[: _KINDS[ref.kind].path.index("role")]


def _is_given(file: MigrationReplay, ref: ObjectRef) -> bool:
    """Whether a statement gives the role rights; what was made in the same file has some by default."""
    return bool(rights_stated(file.migration, ref.path[_KINDS[ref.kind].path.index("role")]))


def _holder(file: MigrationReplay, effect: ObjectEffect) -> str:
    kinds = {kind.name for kind in RELATIONS}
    made = (one.ref for one in file.effects if one.ref.kind in kinds)
    return next((ref.kind for ref in made if ref.path == effect.ref.path[:2]), "")


def _offset(text: str, location: Location) -> int:
    return line_starts(text)[location.line - 1] + location.column - 1


def unexpected(history: History, actual: Schema) -> Iterator[ObjectRef]:
    """The objects on relations of the files that no file makes and that were not there before."""
    for kind in KINDS:
        if kind.name not in _ON_RELATIONS or kind.name in _OF_ROLES:
            continue
        known = history.final.get(kind.name, {})
        for path in actual.objects.get(kind.name, {}):
            if path not in known and _made_here(history, path[:2]):
                yield ObjectRef(kind.name, path)


def _made_here(history: History, path: tuple[str, ...]) -> bool:
    """Whether a file makes the relation, which is there at the end."""
    return any(history.made_by(ObjectRef(kind.name, path)) is not None for kind in RELATIONS)
