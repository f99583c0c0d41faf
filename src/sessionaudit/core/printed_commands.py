"""How the program was called; every suggested command is made from it.

A command that is printed does what it seems to only with the options of the call that printed it: the same contract,
connection and role, the same part of the database. The command line notes them here, and whoever prints a command, in
a report or in a hint, asks for its line. Without a call, as in a library, a line has its own words alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessionaudit.core.visible import shell_line, shell_word

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

# What holds for another command as well: where, as whom, for how long, and of what.
_SHARED = ("contract", "database_url", "role", "only", "ignore", "statement_timeout", "data_timeout")
# What holds when the same command is to be typed again, with --apply or with more of it.
_OWN = {
    "repair": (
        "allow",
        "with_data",
        "replace",
        "time_zone",
        "lock_timeout",
        "lock_wait",
        "log",
        "before",
        "yes",
        "fail_on",
    ),
}
PARTS = ("only", "ignore")
_MOST_OPERANDS = 5


def _nowhere() -> tuple[str, ...]:
    return ()


@dataclass(slots=True)
class Calling:
    """The call of this process.

    `given` has the words of each option that was given, by its parameter; `takes` the parameters of every command.
    `address` spells where the call connects, without a password; `shorn` is that, where one was left out of a line that
    was asked for, and `withheld` tells that it was printed. `operands` are what the call names beside its options.
    """

    command: str = ""
    given: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    takes: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    operands: tuple[str, ...] = ()
    address: Callable[[], tuple[str, ...]] = _nowhere
    shorn: str = ""
    withheld: bool = False

    def forget(self) -> None:
        """Begin anew, for the next command of this process."""
        self.command, self.given, self.takes, self.operands = "", {}, {}, ()
        self.address, self.shorn, self.withheld = _nowhere, "", False

    def printed(self, text: str) -> None:
        """Take note of what people are shown: whether it has an address without its password."""
        if self.shorn and (self.shorn in text or "'" in self.shorn):  # which a shell's line spells otherwise
            self.withheld = True

    def line(
        self,
        command: str,
        *words: str,
        operands: Sequence[str] = (),
        instead: Mapping[str, Sequence[str]] | None = None,
        without: Collection[str] = (),
    ) -> str:
        """A command as a shell reads it, with the options of this call that hold for it too.

        `words` are its own options, `operands` what it names beside them. `instead` has other words for parameters of
        this call, none to leave one out, as `without` does.
        """
        kept = _SHARED + (_OWN.get(command, ()) if command == self.command else ())
        return self._spelled(command, words, kept, operands, instead or {}, without)

    def again(self, *words: str, instead: Mapping[str, Sequence[str]] | None = None) -> str:
        """This very call, with more words; "" where it names too much to be repeated."""
        if not self.command or len(self.operands) > _MOST_OPERANDS:
            return ""
        return self._spelled(self.command, words, tuple(self.given), self.operands, instead or {}, ())

    def _spelled(
        self,
        command: str,
        words: Sequence[str],
        kept: Sequence[str],
        operands: Sequence[str],
        instead: Mapping[str, Sequence[str]],
        without: Collection[str],
    ) -> str:
        taken = self.takes.get(command, frozenset())
        said = ["sessionaudit", command, *words]
        for name in dict.fromkeys((*kept, *instead)):
            if name in without or (self.takes and name not in taken):
                continue
            if name in instead:
                said += instead[name]
            elif name == "database_url":
                said += self.address()
            else:
                said += self.given.get(name, ())
        if any(operand.startswith("-") and operand != "-" for operand in operands):
            said.append("--")
        return shell_line([*said, *operands])

    def psql(self, *words: str) -> str:
        """`psql` over the same connection; `words` come after what says where that is."""
        where = self.address() if "database_url" in self.given else ()
        # psql does not know the variable, and would go elsewhere without a word.
        start = ["psql", *where[1:]] if where else ["psql"]
        line = shell_line(start)
        if not where and self.from_variable:
            line += ' "$DATABASE_URL"'
        return " ".join((line, *map(shell_word, words)))

    @property
    def from_variable(self) -> bool:
        """Whether the call connects to where the environment says."""
        import os  # noqa: PLC0415

        return bool(os.environ.get("DATABASE_URL"))


CALLING = Calling()
