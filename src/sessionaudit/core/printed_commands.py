"""Record how the program was called; every suggested command is made from this.

A printed command is correct only with the options of the current call: the same contract, connection and role, the same
part of the database. The command line records them here, and code that prints a command, in a report or in a hint, gets
the command's line from here. Without a call, as in a library, a line has only its own words.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct, field

from sessionaudit.core.streams import is_stream
from sessionaudit.core.visible import shell_line, shell_word

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

# The options that are also needed for other commands: database, role, timeouts, contract, selection.
_SHARED = ("contract", "database_url", "role", "only", "ignore", "statement_timeout", "data_timeout")
# The options to repeat when the same command is run again, with --apply or other additions.
_OWN = {"repair": ("allow", "with_data", "replace", "time_zone")}
# Those that have an effect only with a word of the line, and are refused without it.
_OWN_WITH = {"repair": {"--apply": ("lock_timeout", "lock_wait", "log", "before", "yes", "fail_on")}}
PARTS = ("only", "ignore")
# What a command that repairs one object alone says itself.
OF_PART = (*PARTS, "allow", "with_data", "replace")
_MOST_OPERANDS = 5


def _nowhere() -> tuple[str, ...]:
    return ()


class Calling(Struct):
    """The call of this process.

    `given` holds the words of each given option, by its parameter; `takes` tells the parameters of a command. `address`
    is the connection string without its password. `shorn` is the address if a password was removed from it for a
    requested line, and `withheld` says that it was printed. `repeated` says that a contract was printed that can
    be read only once. `operands` are the arguments of the call that are not options. `began` is when it began.
    `narrowing` says which defaults of the user's make it find less.
    """

    command: str = ""
    given: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    takes: Callable[[str], Collection[str]] | None = None
    operands: tuple[str, ...] = ()
    address: Callable[[], tuple[str, ...]] = _nowhere
    shorn: str = ""
    withheld: bool = False
    repeated: bool = False
    began: datetime | None = None
    narrowing: tuple[str, ...] = ()

    def forget(self) -> None:
        """Reset, for the next command of this process."""
        self.command, self.given, self.takes, self.operands = "", {}, None, ()
        self.address, self.shorn, self.withheld, self.began = _nowhere, "", False, None
        self.repeated, self.narrowing = False, ()

    def printed(self, text: str) -> None:
        """Note whether a printed text contains an address without its password, or names a pipe that was read."""
        if self.shorn and (self.shorn in text or "'" in self.shorn):  # a shell line spells it differently
            self.withheld = True
        contract = self.given.get("contract", ("",))[-1]
        if is_stream(contract) and f"-c {contract}" in text:
            self.repeated = True

    def line(
        self,
        command: str,
        *words: str,
        operands: Sequence[str] = (),
        instead: Mapping[str, Sequence[str]] | None = None,
        without: Collection[str] = (),
    ) -> str:
        """Return a command line for a shell, with the options of this call that apply to it too.

        `words` are its own options, `operands` its other arguments. `instead` holds other words for parameters of this
        call; no words leave a parameter out, as `without` does.
        """
        kept: tuple[str, ...] = _SHARED
        if command == self.command:
            kept += _OWN.get(command, ())
            for word, names in _OWN_WITH.get(command, {}).items():
                kept += names if word in words else ()
        return self._spelled(command, words, kept, operands, instead or {}, without)

    def again(self, *words: str, instead: Mapping[str, Sequence[str]] | None = None) -> str:
        """Return the current call with more words; "" if it has too many arguments to be repeated."""
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
        taken = self.takes(command) if self.takes else ()
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
        """Return a `psql` command over the same connection; `words` follow the connection options."""
        where = self.address() if "database_url" in self.given else ()
        # psql does not know the variable, and would silently connect elsewhere.
        start = ["psql", *where[1:]] if where else ["psql"]
        line = shell_line(start)
        if not where and self.from_variable:
            line += ' "$DATABASE_URL"'
        return " ".join((line, *map(shell_word, words)))

    @property
    def from_variable(self) -> bool:
        """Whether the connection comes from the environment."""
        return bool(os.environ.get("DATABASE_URL"))


CALLING = Calling()
