"""Exclusion constraints."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Node, text
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.key.model import take_deferral
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import in_parentheses, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator


class Exclusion(Compared, frozen=True, kw_only=True):
    """An exclusion constraint; `definition` is what follows USING: `gist (room with =, during with &&) where (…)`.

    `slack` says of a real one why PostgreSQL does not hold it for every row; `repairable` whether making
    it anew ends that. `inherited` is one that is there because the parent of a partition has it.
    """

    aside: ClassVar = frozenset({"inherited", "repairable"})

    definition: str
    deferral: str = ""
    enforced: bool = True
    slack: tuple[str, ...] = ()
    repairable: bool = True
    inherited: bool = False


class Element(Struct, frozen=True):
    """A column or an expression with what is said of it in the index, and the operator by which two rows conflict."""

    text: str
    operator: str


class Parts(Struct, frozen=True):
    """A definition in its parts; `between` is what stands behind the elements and before WHERE, `where` "" for none."""

    method: str
    elements: tuple[Element, ...]
    between: str
    where: str


_HINT = "For example: exclude using gist (room with =, during with &&)"


@lru_cache(maxsize=4096)
def parse(definition: str) -> Exclusion:
    """Read what follows ADD CONSTRAINT name. Raises FragmentError."""
    fragment = Fragment(definition)
    fragment.expect("exclude")
    method = fragment.name("an index method") if fragment.accept("using") else "btree"
    if not fragment.peek("("):
        raise fragment.error("the elements, in parentheses", _HINT)
    elements = fragment.parenthesised()
    try:
        tuple(_elements(Fragment(elements)))
    except FragmentError as error:
        start = definition.index(elements) if elements else definition.index("(") + 1
        raise FragmentError(str(error), start + error.offset, error.hint) from None
    parts = [quoted(method), f"({elements})"]
    if fragment.accept("include"):
        parts.append(f"include ({fragment.parenthesised()})")
    if fragment.accept("with"):
        parts.append(f"with ({fragment.parenthesised()})")
    if fragment.accept("using", "index", "tablespace"):
        fragment.name("a tablespace")  # a place, which the catalogs' own print leaves out
    if fragment.accept("where"):
        parts.append(f"where {in_parentheses(fragment.parenthesised())}")
    deferral = take_deferral(fragment)
    if fragment.peek("not", "valid"):
        raise fragment.error("“deferrable” or the end", "PostgreSQL cannot add an exclusion constraint NOT VALID.")
    fragment.end("“where”, “deferrable” or the end")
    return Exclusion(definition=" ".join(parts), deferral=deferral)


@lru_cache(maxsize=4096)
def divided(definition: str) -> Parts:
    """Divide a definition. Raises FragmentError."""
    fragment = Fragment(definition)
    method = fragment.name("an index method")
    elements = tuple(_elements(Fragment(fragment.parenthesised())))
    between: list[str] = []
    if fragment.accept("include"):
        between.append(f"include ({fragment.parenthesised()})")
    if fragment.accept("with"):
        between.append(f"with ({fragment.parenthesised()})")
    where = fragment.parenthesised() if fragment.accept("where") else ""
    fragment.end("“where” or the end")
    return Parts(method, elements, " ".join(between), where)


def _elements(fragment: Fragment) -> Iterator[Element]:
    while True:
        text_ = fragment.until(("with",), (",",), what="a column or an expression")
        if not fragment.accept("with"):
            raise fragment.error("“with” and an operator", _HINT)
        yield Element(text_, fragment.until((",",), what="an operator"))
        if fragment.done:
            return
        fragment.expect(",")


def comparable(definition: str) -> str:
    """A statement of the definition whose tree can be read: each operator as a text behind what it compares."""
    parts = divided(definition)
    elements = ", ".join(f"{one.text}, {literal(one.operator)}" for one in parts.elements)
    where = f" where {parts.where}" if parts.where else ""
    return f"create index i on t using {parts.method} ({elements}) {parts.between}{where}"


def read(node: Node, _schema: str) -> Exclusion:
    """Read an entry of `constraints:` that is an exclusion constraint."""
    return parse(text(node, "a constraint"))


def load(row: tuple[Any, ...], _schema: str) -> Exclusion:
    """Make an Exclusion of a row of the catalog query."""
    definition, deferral, valid, lacking, off, bare, inherited = row
    if definition is None:
        raise TypeError("the exclusion constraint no longer exists")
    ending = " and missing on " if lacking else ""
    invalid = () if valid else (f"its index is not valid{ending}{', '.join(lacking)}",)
    return Exclusion(
        definition=definition,
        deferral=deferral,
        slack=(*invalid, *enforcement.off(off), *enforcement.bare(bare)),
        repairable=not bare,
        inherited=inherited,
    )


def show_definition(exclusion: Exclusion) -> str:
    """The constraint without its deferral, as the contract writes it."""
    return f"exclude using {exclusion.definition}"


def show(exclusion: Exclusion) -> str:
    """The constraint as the contract writes it."""
    return f"{show_definition(exclusion)} {exclusion.deferral}".rstrip()
