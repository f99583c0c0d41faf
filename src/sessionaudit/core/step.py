"""Steps of a repair, with their needs, locks and hazards."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, IntEnum, StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.core.ref import ObjectRef

# A setting by which PostgreSQL fails where row security would hide rows, which it hides from an owner, too, if forced.
EVERY_ROW = ("row_security", "off")
QUICK = 10.0  # seconds; a statement that changes the catalogs alone takes milliseconds


class LockLevel(IntEnum):
    """A lock on a relation, weakest first; `str` gives it as `pg_locks.mode` spells it."""

    NONE = 0
    ACCESS_SHARE = 1
    ROW_SHARE = 2
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8

    def __str__(self) -> str:
        return "".join(word.capitalize() for word in self.name.split("_")) + "Lock" if self else "none"

    @classmethod
    def of(cls, mode: str) -> LockLevel:
        """The level that `pg_locks.mode` or a saved plan spells."""
        return next(level for level in cls if str(level) == mode)

    @property
    def blocks(self) -> str:
        """What other sessions cannot do meanwhile, in plain words; the manual's section 13.3.1."""
        if self >= LockLevel.ACCESS_EXCLUSIVE:
            return "reads and writes"
        if self >= LockLevel.SHARE:
            return "writes"
        return "other changes of the schema" if self >= LockLevel.SHARE_UPDATE_EXCLUSIVE else "nothing"


class Hazard(StrEnum):
    """A danger of a step. A step with a `gated` hazard runs only when that is allowed by name."""

    DATA_LOSS = "data-loss"
    DROP = "drop"
    REWRITE = "rewrite"
    NOT_VALID = "not-valid"
    LOOSEN = "loosen"
    SCAN = "scan"
    RIGHTS = "rights"
    OPEN = "open"

    @property
    def gated(self) -> bool:
        """Whether a step with this hazard waits for `--allow`."""
        return self not in {Hazard.SCAN, Hazard.RIGHTS}

    @property
    def meaning(self) -> str:
        """What it means, for the person who decides."""
        return _MEANINGS[self]


_MEANINGS = {
    Hazard.DATA_LOSS: "deletes or changes data",
    Hazard.DROP: "drops something that other code may still call or name",
    Hazard.REWRITE: "rewrites or scans a table while nobody can use it",
    Hazard.NOT_VALID: "adds a constraint that existing rows violate; such rows can then not be updated",
    Hazard.LOOSEN: "removes something that rejects invalid rows or fills in new ones",
    Hazard.SCAN: "reads a whole table, without blocking others",
    Hazard.RIGHTS: "changes who may do what",
    Hazard.OPEN: "grants access that the contract does not grant",
}


class State(Enum):
    """A state of an object.

    CLEAN: others can depend on it; VALID: PostgreSQL has validated it; GUARDING: it restricts access as intended.
    """

    PRESENT = "present"
    CLEAN = "clean"
    VALID = "valid"
    ABSENT = "absent"
    GUARDING = "guarding"


class Condition(NamedTuple):
    """That an object is in a state; steps provide and require conditions, which orders them."""

    ref: ObjectRef
    state: State


class Guard(NamedTuple):
    """What must restrict access before a step may grant it.

    `lacking` says what is so where it does not. `stands` tells whether it does so now; None where the cure cannot judge
    that, and it does not if the audit finds anything about it, whatever the call left out.
    """

    ref: ObjectRef
    lacking: str
    stands: bool | None = False

    @property
    def condition(self) -> Condition:
        """That it keeps them out."""
        return Condition(self.ref, State.GUARDING)


class Need(NamedTuple):
    """A right without which a step fails.

    `holds` is a SQL expression that is false where the role lacks it, and null where there is nothing
    yet to have a right on. `what` completes “the role … must” or, with `whole`, is a clause of its own; `help` is
    the statement that gives it.
    """

    holds: str
    what: str
    help: str = ""
    whole: bool = False


class Obstacle(NamedTuple):
    """Rows or objects that must not exist when a step runs.

    `rows` is a query of them, its columns being `key` and then what is wrong with them; `key` is the
    primary key where that is one column, else null. `hint` says what to do about them. `of_rows`
    tells that it is a table's rows, where the step's hazards do not tell that already. `others` is a
    query of what else is in the way, which no repair of rows mends: a null, a text for each, and what to do
    about it. `rows` finds that, too.
    """

    rows: str
    what: str
    hint: str
    of_rows: bool = False
    others: str = ""


class Risk(NamedTuple):
    """A hazard that a step has only if a query finds something, and that must then be allowed by name.

    `found` gives what that is; the step runs without being allowed while it gives nothing. Where the step
    does not read the rows itself, it is asked for outside of the step's transaction; `locked` tells of how
    many of the step's tables it is asked for again under their locks. `tried` is a query of what the step
    makes of each row, which fails where it cannot be made. `later` tells that a repair of the rows must wait
    for the step.
    """

    hazard: Hazard
    found: Obstacle
    locked: int = 0
    tried: str = ""
    later: bool = False


class Debris(NamedTuple):
    """What a failed attempt leaves: how to know that it is there (SQL), and the statement that removes it."""

    there: str
    remove: str


class Dependent(NamedTuple):
    """What depends on a replaced object: how to drop it, and how to recreate it.

    `sort` is a word of PostgreSQL's: column, default, policy, view, function, index, check and so on.
    `name` is what it is called, as SQL spells it, with its table. `take` and `put` hold SQL statements,
    in their order. `path` is the relation that it is on or is, and the column where it is one or
    belongs to one. `text` is a column's type, or a default's expression, as the server prints them.

    A column that has the type itself comes without statements, for whoever exchanges the type.
    """

    sort: str
    name: str
    take: tuple[str, ...]
    put: tuple[str, ...]
    path: tuple[str, ...] = ()
    text: str = ""


class Rehearsal(NamedTuple):
    """What a step does to tables, as far as it can be tried on empty copies of them.

    `before` and `change` are the statements about the tables themselves, `after` what stands on them and is put back,
    each with what it is called; those of `before` make room for these. `views` are among them.
    """

    tables: tuple[tuple[str, ...], ...]
    views: tuple[tuple[str, ...], ...]
    before: tuple[str, ...]
    change: tuple[str, ...]
    after: tuple[tuple[str, str], ...]


class Composed(NamedTuple):
    """A step, completed once the dependents of its object are known.

    `plain` takes the place of the step's own. `obstacle` are the rows in its way, `risk` what must be allowed,
    `locks` the tables that it locks, and `needs` the rights that it takes, beside the step's own; `told` is
    what a person should know of it. Where `stuck` says why it cannot run, it must not; `help` is what can be
    done about it.
    """

    sql: tuple[str, ...]
    told: str = ""
    plain: tuple[str, ...] = ()
    obstacle: Obstacle | None = None
    risk: Risk | None = None
    locks: tuple[tuple[str, ...], ...] = ()
    needs: tuple[Need, ...] = ()
    stuck: str = ""
    help: str = ""
    rehearsal: Rehearsal | None = None

    def of(self, step: Step) -> Step:
        """The step that runs."""
        locks = tuple(dict.fromkeys((*step.locks, *self.locks)))
        return replace(
            step,
            sql=self.sql,
            plain=self.plain or step.plain,
            lock=step.lock if locks else LockLevel.NONE,
            locks=locks,
            needs=tuple(dict.fromkeys((*step.needs, *self.needs))),
            obstacle=self.obstacle or step.obstacle,
            risk=self.risk or step.risk,
            around=None,
            rehearsal=self.rehearsal,
            why=f"{step.why} {self.told}".strip(),
        )


class Around(NamedTuple):
    """An object whose dependents must be dropped before a step and recreated after it.

    `address` is a query of its class, its oid and its column's number, as pg_depend has them; of whether
    it is dropped and made anew itself; and, where it is not, of whether that is taken away as well which
    PostgreSQL would build anew itself from the text of an expression. `compose` makes the step of the
    dependents, which come in the order in which they are put back.
    """

    address: str
    compose: Callable[[tuple[Dependent, ...]], Composed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do, in one transaction unless it is `concurrent`.

    `sql` holds statements that find unqualified names by the contract's schema. `done` is a SQL expression, true
    when nothing is left to do; it is evaluated with an empty search path, as catalogs are read, and must name
    everything qualified. `locks` are the tables that are locked, `lock` the strongest level on one of them. `beside`
    are those that it locks as well, but lets others read and write.
    `follows` are conditions whose providers come before it, if they run; without its `guards` it does not. `reads` are
    texts of the contract that PostgreSQL resolves when the step runs, so that what they name must be there. `wishes`
    are rights without which it runs, but does less. `plain` is what takes the place of `sql` in a script that must fit
    in one transaction, where `sql` does not. `settings` hold for the transaction, so that what it does is the same
    whoever runs it. `called` tells that an expression may call what it brings. `timeout` is for one statement, in
    seconds; None where it may take as long as the rows take. Where dependents are carried over, `address` is that of
    Around and `carried` a digest of how they were.
    """

    action: str
    ref: ObjectRef
    sql: tuple[str, ...]
    done: str
    lock: LockLevel = LockLevel.ACCESS_EXCLUSIVE
    locks: tuple[tuple[str, ...], ...] = ()
    beside: tuple[tuple[str, ...], ...] = ()
    provides: tuple[Condition, ...] = ()
    requires: tuple[Condition, ...] = ()
    follows: tuple[Condition, ...] = ()
    guards: tuple[Guard, ...] = ()
    reads: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    wishes: tuple[Need, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    concurrent: bool = False
    plain: tuple[str, ...] = ()
    debris: Debris | None = None
    obstacle: Obstacle | None = None
    risk: Risk | None = None
    settings: tuple[tuple[str, str], ...] = ()
    around: Around | None = None
    rehearsal: Rehearsal | None = None
    timeout: float | None = QUICK
    called: bool = False
    why: str = ""
    repair: str = ""
    address: str = ""
    carried: str = ""

    @property
    def reads_rows(self) -> bool:
        """Whether rows decide if it succeeds; else its obstacle tells of other objects, and PostgreSQL will, too."""
        told = self.obstacle is not None and self.obstacle.of_rows
        return told or self.scans

    @property
    def scans(self) -> bool:
        """Whether it reads rows itself."""
        return not {Hazard.SCAN, Hazard.REWRITE}.isdisjoint(self.hazards)

    @property
    def mendable(self) -> tuple[Obstacle, ...]:
        """What finds the rows that a repair may mend, in the order in which they can be asked for."""
        found = (self.obstacle if self.reads_rows else None, self.risk.found if self.risk else None)
        return tuple(one for one in found if one is not None and (one is self.obstacle or one.of_rows))

    @property
    def statements(self) -> tuple[str, ...]:
        """All that it runs, for a reader."""
        return (*(f"set local {name} = {literal(value)}" for name, value in self.settings), *self.sql)

    @property
    def mended_first(self) -> bool:
        """Whether a repair of the rows in its way, or at risk, may run before it."""
        return self.risk is None or not self.risk.later

    @property
    def gated(self) -> tuple[Hazard, ...]:
        """The hazards that must be allowed by name."""
        return tuple(hazard for hazard in self.hazards if hazard.gated)
