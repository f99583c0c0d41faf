"""Values of which some fields are not compared."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable


class Compared(Struct, frozen=True, eq=False):
    """A value that equals another of its class if all their fields do, but for those that `aside` names.

    What stands aside says how a value is there, and not what it is: that a parent has it, for example.
    """

    aside: ClassVar[frozenset[str]]

    def __eq__(self, other: object) -> bool:
        """Whether the other is of the same class and says the same."""
        if type(other) is not type(self):
            return NotImplemented
        said = _said_by(type(self))
        return bool(said(self) == said(other))

    def __ne__(self, other: object) -> bool:
        """The contrary; a struct without `eq` would tell apart all that is not the same object."""
        return not self == other

    def __hash__(self) -> int:
        return hash(_said_by(type(self))(self))


@cache
def _said_by(of: type[Compared]) -> Callable[[Any], Any]:
    names = [name for name in of.__struct_fields__ if name not in of.aside]
    return attrgetter(*names) if names else lambda _: ()
