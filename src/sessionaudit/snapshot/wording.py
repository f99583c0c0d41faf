"""The models of a database with their texts as a person would write them, each proven to mean the same."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.audits.schema import definition
from sessionaudit.core.query import Sort
from sessionaudit.kinds import KINDS
from sessionaudit.snapshot import page
from sessionaudit.sql.equality import same_meaning
from sessionaudit.sql.simpler import simple, simpler
from sessionaudit.sql.text import enclosed, quoted, unqualified

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.core.kind import Attribute, Form

_KINDS = {kind.name: kind for kind in KINDS}
_WORDED = {
    kind.name: tuple(one for one in kind.attributes if one.form is not None and one.form.wrap is not None)
    for kind in KINDS
}


class Wording:
    """Words models for a contract of `schema`; `own_names` are the names that PostgreSQL has itself.

    With `whole` it also says what another database may have otherwise without being wrong, such as owners.
    """

    def __init__(self, schema: str, own_names: frozenset[str], *, whole: bool = False) -> None:
        self._schema = schema
        self._said_whole = whole
        self._prefix = f"{quoted(schema)}."
        self._own_names = own_names
        reworded: Callable[[Callable[[str], str], str, str | None, bool], str] = lru_cache(maxsize=65536)(
            self._reworded
        )
        self._simpler = reworded

    def said(self, kind: str, model: Any) -> Any:
        """What the contract says of a model, as YAML's data; None where the name says it all."""
        worded = self.worded(kind, model)
        condensed = _KINDS[kind].condensed
        if condensed is None or self._said_whole:
            whole: Any = definition.spelled(kind, worded, self._schema, lambda: self._own_names)
            if condensed is None or page.parts(whole) is not None:
                return whole
        return definition.shown(kind, condensed(worded), self._schema, lambda: self._own_names)

    def worded(self, kind: str, model: Any) -> Any:
        """The model with the plainest spelling of its texts."""
        for attribute in _WORDED[kind]:
            model = self._with(model, attribute)
        return model

    def _with(self, model: Any, attribute: Attribute[Any]) -> Any:
        form = attribute.form
        if form is None or form.wrap is None:
            raise AssertionError(attribute)
        text, wrap = form.text(model), form.wrap
        if not text:
            return model
        if form.reworded:
            return form.reworded(model, lambda part: self._simpler(wrap, part, None, False))
        plain = self._simpler(wrap, text, self._type(form, model), form.sort is Sort.INDEX)
        if form.context and not simple(plain):  # a default, which the grammar wants so
            plain = enclosed(plain)
        if plain == text:
            return model
        held = [field for field in model.__struct_fields__ if getattr(model, field) == text]
        return replace(model, **dict.fromkeys(held, plain))

    def _type(self, form: Form, model: Any) -> str | None:
        return form.context(model) if form.context else None

    def _reworded(self, wrap: Callable[[str], str], text: str, type_: str | None, elements: bool) -> str:
        def proven(candidate: str) -> bool:
            return same_meaning(
                candidate,
                text,
                wrap=wrap,
                schema=self._schema,
                shadowed=lambda names: bool(names & self._own_names),
                type_=type_,
            )

        bare = unqualified(text, self._schema, self._own_names) if self._prefix in text else text
        found = simpler(bare, proven, elements=elements)
        return found if found == text or found != bare or proven(bare) else simpler(text, proven, elements=elements)
