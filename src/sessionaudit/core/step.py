"""Define the steps of a repair, with their needs, locks and hazards."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.core.ref import ObjectRef

# With this setting PostgreSQL raises an error if row security would hide rows; forced row security hides them from the
# owner too.
EVERY_ROW = ("row_security", "off")
QUICK = 10.0  # seconds; a statement that only changes the catalogs takes milliseconds


class LockLevel(IntEnum):
    """A lock on a relation, weakest first; `str` returns the spelling of `pg_locks.mode`."""

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
        """Return the level of a mode in `pg_locks.mode` or a saved plan."""
        return next(level for level in cls if str(level) == mode)

    @property
    def blocks(self) -> str:
        """What other sessions cannot do meanwhile, in words; see the manual's section 13.3.1."""
        if self >= LockLevel.ACCESS_EXCLUSIVE:
            return "reads and writes"
        if self >= LockLevel.SHARE:
            return "writes"
        if self >= LockLevel.SHARE_UPDATE_EXCLUSIVE:
            return "other changes of the schema"
        return "only changes of the schema" if self else "nothing"


class Hazard(StrEnum):
    """A danger of a step. A step with a `gated` hazard runs only if that is allowed by name."""

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
        """The meaning, for the person who decides."""
        return _MEANINGS[self]


_MEANINGS = {
    Hazard.DATA_LOSS: "deletes or changes data",
    Hazard.DROP: "drops something that other code may still call or name",
    Hazard.REWRITE: "rewrites or scans a table, blocking reads and writes",
    Hazard.NOT_VALID: "adds a constraint that existing rows violate; such rows can then not be updated",
    Hazard.LOOSEN: "removes something that rejects invalid rows or fills in new ones",
    Hazard.SCAN: "reads a whole table, without blocking others",
    Hazard.RIGHTS: "changes access rights",
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


class Condition(Struct, frozen=True):
    """The condition that an object is in a state. Steps provide and require conditions; this determines their order."""

    ref: ObjectRef
    state: State


class Guard(Struct, frozen=True):
    """An object that must restrict access before a step may grant it.

    `lacking` describes the state without this restriction. `stands` says whether it restricts access now; None if the
    cure cannot judge that: then it does unless the audit has a finding on it, including findings that the options leave
    out.
    """

    ref: ObjectRef
    lacking: str
    stands: bool | None = False

    @property
    def condition(self) -> Condition:
        """The condition that it restricts access."""
        return Condition(self.ref, State.GUARDING)


class Need(Struct, frozen=True):
    """A privilege without which a step fails.

    `holds` is a SQL expression that is false if the role lacks the privilege, and null if the object does not exist
    yet. `what` completes “the role … must” or, with `whole`, is a complete clause; `help` is the statement that grants
    it. `instead` follows `what`, and says what the role may have in its place.
    Where the role must own something, `owner` is a SQL expression for the oid of its owner. `of_another` is `holds` for
    another role, whose name as a SQL literal stands for `{role}`; "" where that is not known.
    """

    holds: str
    what: str
    help: str = ""
    whole: bool = False
    owner: str = ""
    instead: str = ""
    of_another: str = ""


class Obstacle(Struct, frozen=True):
    """Rows or objects that must not exist when a step runs.

    `rows` is a query for them; its columns are `key` and then the problems. `key` is the primary key if it has one
    column, else null. `hint` says what to do about them. `of_rows` says that they are rows of a table, if the step's
    hazards do not show that already. `others` is a query for other obstacles, which no repair of rows removes: a null,
    a text for each, and what to do about it. `rows` finds these too.
    """

    rows: str
    what: str
    hint: str
    of_rows: bool = False
    others: str = ""


class Risk(Struct, frozen=True):
    """A hazard that a step has only if a query finds something; then it must be allowed by name.

    `found` holds the query; if it returns nothing, the step needs no permission. If the step does not read the rows
    itself, the query runs outside of the step's transaction; `locked` is the number of the step's tables whose locks
    are held when it runs again. `tried` is a query that converts each row as the step does, and fails if that is
    impossible. `later` says that a repair of the rows must wait for the step.
    """

    hazard: Hazard
    found: Obstacle
    locked: int = 0
    tried: str = ""
    later: bool = False


class Debris(Struct, frozen=True):
    """What a failed attempt leaves: SQL for whether it exists, and the statement that removes it."""

    there: str
    remove: str


class Dependent(Struct, frozen=True):
    """A dependent of a replaced object: how to drop it, and how to recreate it.

    `sort` is PostgreSQL's word for it: column, default, policy, view, function, index, check and so on. `name` is its
    name in SQL, with its table. `take` and `put` hold the SQL statements that drop and recreate it, in their order.
    `path` is the path of the relation that it is on, or that it is, and of the column if there is one. `text` is a
    column's type, or a default's expression, as the server prints it.

    A column that has the type itself has no statements; the code that exchanges the type handles it.
    """

    sort: str
    name: str
    take: tuple[str, ...]
    put: tuple[str, ...]
    path: tuple[str, ...] = ()
    text: str = ""


class Rehearsal(Struct, frozen=True):
    """The part of a step that can be tried on empty copies of its tables.

    `before` and `change` are the statements about the tables themselves; `after` holds the dependents that are
    recreated, with their names; the statements of `before` drop them. `views` are those of them that are views.
    `fits` is what they must fit.
    """

    tables: tuple[tuple[str, ...], ...]
    views: tuple[tuple[str, ...], ...]
    before: tuple[str, ...]
    change: tuple[str, ...]
    after: tuple[tuple[str, str], ...]
    fits: str = "the new type"


class Composed(Struct, frozen=True):
    """The parts of a step that are known once the dependents of its object are known.

    `plain` replaces that of the step. `obstacle` are the rows that block it, `risk` is what must be allowed, `locks`
    and `needs` are the additional tables and privileges; `told` is what a person should know. If `stuck` is not empty,
    it says why the step cannot run, and `help` what can be done about it.
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
        """Return the complete step."""
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


class Around(Struct, frozen=True):
    """An object whose dependents must be dropped before a step and recreated after it.

    `address` is a query for its class, its oid and its column's number, as in pg_depend; for whether it is itself
    dropped and recreated; and, if not, for whether dependents that PostgreSQL would rebuild from the text of an
    expression are dropped too. `compose` makes the step from the dependents, given in the order in which they are
    recreated.
    """

    address: str
    compose: Callable[[tuple[Dependent, ...]], Composed]


class Step(Struct, frozen=True, kw_only=True):
    """A step of a plan, in one transaction unless it is `concurrent`.

    `sql` holds statements whose unqualified names are in the contract's schema. `done` is a SQL expression that is true
    if nothing is left to do; it is evaluated with an empty search path, and must qualify all names. `locks` are the
    tables that are locked, `lock` is the strongest level on one of them; `beside` are tables that it locks as well, but
    lets others read and write. `follows` are conditions whose providers run before it, if they run; without its
    `guards` it does not run. `reads` are texts of the contract that PostgreSQL resolves when the step runs, so the
    objects that they name must exist. `wishes` are privileges without which it runs, but does less. `plain` replaces
    `sql` in a script that must run in one transaction, if `sql` cannot. `settings` apply to the transaction, so that
    the result does not depend on the session. `called` says that expressions may call the object that it creates.
    `timeout` is for one statement, in seconds; None if the time depends on the number of rows. If dependents are
    recreated, `address` is that of Around and `carried` is a digest of their state.
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
        """Whether its success depends on rows; otherwise its obstacle, like PostgreSQL's error, is about objects."""
        told = self.obstacle is not None and self.obstacle.of_rows
        return told or self.scans

    @property
    def scans(self) -> bool:
        """Whether the step itself reads rows."""
        return not {Hazard.SCAN, Hazard.REWRITE}.isdisjoint(self.hazards)

    @property
    def repairable(self) -> tuple[Obstacle, ...]:
        """The obstacles whose rows a data repair may change, in the order in which they can be queried."""
        found = (self.obstacle if self.reads_rows else None, self.risk.found if self.risk else None)
        return tuple(one for one in found if one is not None and (one is self.obstacle or one.of_rows))

    @property
    def statements(self) -> tuple[str, ...]:
        """All statements of the step, to show them."""
        return (*(f"set local {name} = {literal(value)}" for name, value in self.settings), *self.sql)

    @property
    def repaired_first(self) -> bool:
        """Whether a repair of the rows that block it, or are at risk, may run before it."""
        return self.risk is None or not self.risk.later

    @property
    def gated(self) -> tuple[Hazard, ...]:
        """The hazards that must be allowed by name."""
        return tuple(hazard for hazard in self.hazards if hazard.gated)
