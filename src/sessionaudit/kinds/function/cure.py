"""Functions: replaced in place, which keeps grants and dependents; recreated only where PostgreSQL cannot replace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.cure import Cure, Difference, absent, negated, present
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Around, Composed, Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.ownership import SUPERUSER, adopted, adopting, becoming_owner
from sessionaudit.kinds.common.rights import creating_in, since
from sessionaudit.kinds.function import defaults
from sessionaudit.kinds.function.cure_execution import ExecutionCures, there
from sessionaudit.kinds.function.cure_planning import estimate
from sessionaudit.kinds.function.cure_recreating import address, itself, recreating, with_dependents
from sessionaudit.kinds.function.definition_text import noun, parsed, written
from sessionaudit.kinds.function.kind import same_returns
from sessionaudit.kinds.function.parameters import replaceable
from sessionaudit.kinds.function.routine import as_written, found, is_there, taking
from sessionaudit.kinds.function.signature import Argument, arguments
from sessionaudit.sql.text import UnclosedError, literal, quoted, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Dependent
    from sessionaudit.kinds.function.model import Function

_BOND = re.compile(r"alter routine .* depends on extension ")
_READ = ("table", "view", "materialized_view")
_BY_POSITION = re.compile(r"\$\d")

_EXECUTION = ExecutionCures(noun, noun, found)


def create(difference: Difference[Function]) -> tuple[Step, ...]:
    """Create it; not where the contract gives only types, since the body may use the names of arguments."""
    ref, new = difference.ref, difference.new
    listed = new.arguments or ref.path[2][1:-1]
    sql = f"create or replace {written(ref.path, new, listed, new.others)}"
    steps = _steps(difference, f"Create the {noun(new)} {ref.dotted}", sql, listed)
    if new.grants is None:
        return steps
    # In the same transaction: every role may call a new function until EXECUTE is revoked from PUBLIC.
    return tuple(
        replace(
            step,
            sql=(*step.sql, _EXECUTION.set_exactly(ref, new.grants)),
            done=f"({step.done} and {_EXECUTION.exactly(ref.path, new.grants)})",
            needs=(*step.needs, *there(new.grants)),
            hazards=tuple(dict.fromkeys((*step.hazards, Hazard.RIGHTS))),
        )
        for step in steps
    )


def replace_function(difference: Difference[Function]) -> tuple[Step, ...]:
    """Replace it with the expected one, or recreate it where it returns another type or renames arguments."""
    if difference.new.implied and difference.old.returns:  # the contract may mean a procedure, but this is a function
        difference = replace(difference, expected=replace(difference.new, returns=difference.new.implied))
    ref, new, old = difference.ref, difference.new, difference.old
    listed = None if same_returns(new, old) is False or not replaceable(new, old) else _kept(difference)
    if listed is None:
        return _anew(difference)
    sql = f"create or replace {written(ref.path, new, listed, _merged(old.others, new.others))}"
    steps = _steps(difference, f"Replace the {noun(new)} {ref.dotted}", sql, listed)
    return tuple(replace(step, around=_bound(difference, step.sql)) for step in steps)


def replace_defaults(difference: Difference[Function]) -> tuple[Step, ...]:
    """Replace it with the expected defaults; recreate it where it has one too many, which PostgreSQL keeps."""
    if not defaults.more(difference.new, difference.old):
        return replace_function(difference)
    return _anew(difference)


def _bound(difference: Difference[Function], statements: tuple[str, ...]) -> Around:
    """CREATE OR REPLACE keeps all but on which extensions the function depends."""

    def compose(found: tuple[Dependent, ...]) -> Composed:
        own = (one for one in found if one.take and itself(one, difference))
        return Composed((*statements, *(put for one in own for put in one.put if _BOND.match(put))))

    return Around(f"select o.*, true, false from ({address(difference.ref.path)}) o", compose)


def _anew(difference: Difference[Function]) -> tuple[Step, ...]:
    """Drop it and create the expected one in one transaction."""
    ref, new, old = difference.ref, difference.new, difference.old
    given = (one for one in arguments(old.arguments, difference.schema) if one.given)
    listed = new.arguments or ", ".join(str(replace(one, mode="")) for one in given)
    others = _merged([clause for clause in old.others if clause.startswith("cost ")], new.others)
    sql = recreating(difference, written(ref.path, new, listed, others))
    steps = _steps(difference, f"Recreate the {noun(new)} {ref.dotted}", sql, listed, anew=True)
    return tuple(with_dependents(difference, step) for step in steps)


def give(difference: Difference[Function]) -> tuple[Step, ...]:
    """Change its owner to the expected one."""
    ref, owner = difference.ref, difference.new.owner
    if owner is None:
        return ()
    return (
        Step(
            action=f"Change the owner of the {noun(difference.old)} {ref.dotted} to {quoted(owner)}",
            ref=ref,
            sql=(f"alter {noun(difference.old)} {ref.dotted} owner to {quoted(owner)}",),
            done=is_there(ref.path, f"pg_catalog.pg_get_userbyid(p.proowner) = {literal(owner)}"),
            lock=LockLevel.NONE,
            requires=(present(ref),),
            needs=(
                _owning(ref.path),
                *becoming_owner(ref.path, owner),
            ),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def drop(difference: Difference[Function]) -> tuple[Step, ...]:
    """Drop it; PostgreSQL refuses while a trigger, a policy, a default or a view calls it."""
    ref, old = difference.ref, difference.old
    return (
        Step(
            action=f"Drop the {noun(old)} {ref.dotted}",
            ref=ref,
            sql=(f"drop {noun(old)} {ref.dotted}",),
            done=negated(is_there(ref.path)),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(_owning(ref.path),),
            hazards=(Hazard.DROP,),
        ),
    )


def _steps(
    difference: Difference[Function], action: str, sql: str, listed: str, *, anew: bool = False
) -> tuple[Step, ...]:
    ref, new, old = difference.ref, difference.new, difference.actual
    stated = arguments(new.arguments, difference.schema)
    least = None if anew else sum(bool(one.default) for one in stated)
    unnamed = ref.path[2] != "()" and not any(one.name for one in arguments(listed, difference.schema) if one.given)
    if unnamed and new.language not in {"sql", "c", "internal"} and not _BY_POSITION.search(new.body):
        return ()  # its body may use names of arguments that are not known here, without an error on creation
    # pg_dump turns it off too, since a body may name what is created later; it is on where names may be missing.
    checked = unnamed and new.language == "sql"
    checking = f"set local check_function_bodies = {'on' if checked else 'off'}"
    read = _tables(difference) if checked or parsed(new) else ()
    return (
        Step(
            action=action,
            ref=ref,
            sql=(checking, sql) if old else (checking, sql, adopted(f"routine {ref.dotted}", ref.path)),
            done=f"({as_written(ref.path, new, old, difference.schema)} and {taking(ref.path, listed, least)})",
            lock=LockLevel.ACCESS_SHARE if read else LockLevel.NONE,
            locks=read,
            provides=(present(ref),),
            reads=(listed, new.returns, *((new.body,) if checked or parsed(new) else ())),
            needs=_needs(ref.path, new, old),
            wishes=() if old or new.owner else adopting(ref.path),
            hazards=_hazards(new, old),
            called=new.returns != "trigger",
        ),
    )


def _hazards(new: Function, old: Function | None) -> tuple[Hazard, ...]:
    """That other rights come with it; and that it finds names where its caller says, because a setting is left out."""
    rights = (Hazard.RIGHTS,) if new.security != (old.security if old else "invoker") else ()
    fixed = {setting.partition(" = ")[0] for setting in old.settings} if old else set[str]()
    led = "search_path" in fixed and not any(setting.startswith("search_path = ") for setting in new.settings)
    return (*rights, *((Hazard.LOOSEN,) if led and new.security == "definer" else ()))


def _tables(difference: Difference[Function]) -> tuple[ObjectPath, ...]:
    """The contract's tables that the body names, which are looked up when it is parsed."""
    words = _words(difference.new.body)
    relations = (pair for kind in _READ for pair in difference.wanted[kind].items())
    return tuple(path for path, one in relations if one is not None and path[1] in words)


def _words(text: str) -> set[str]:
    try:
        return {unquote(token.text) for token in tokens(text) if token.sort in {"word", "quoted"}}
    except UnclosedError:  # PostgreSQL reports it as well
        return set()


# What is kept


def _merged(old: Iterable[str], new: Iterable[str]) -> tuple[str, ...]:
    """How it is planned: as the contract says, or as it was."""
    return tuple({clause.split()[0]: clause for clause in (*old, *new)}.values())


def _kept(difference: Difference[Function]) -> str | None:
    """The arguments with which it can be replaced; None where it must be made anew for their names.

    PostgreSQL takes neither another name nor a default less. So what is there stays, and what the
    contract says comes to it.
    """
    wanted, there = (arguments(one.arguments, difference.schema) for one in (difference.new, difference.old))
    if any(not one.given for one in wanted) and _coming_out(wanted) != _coming_out(there):
        return None
    given = [one for one in wanted if one.given]
    result: list[Argument] = []
    for one in there:
        other = given.pop(0) if given and one.given else one
        if (one.name and other.name and one.name != other.name) or (other.mode and other.mode != (one.mode or "in")):
            return None
        result.append(replace(one, name=one.name or other.name, default=other.default or one.default))
    return ", ".join(map(str, result))


def _coming_out(listed: tuple[Argument, ...]) -> list[tuple[str, str]]:
    return [(one.name, one.type) for one in listed if not one.given]


# Rights


def _needs(path: ObjectPath, new: Function, old: Function | None) -> tuple[Need, ...]:
    needs = [creating_in(path[0])]
    if old is not None:
        needs.append(_owning(path))
    if new.language not in {"sql", "plpgsql"}:
        needs.append(_writing(new.language))
    if new.leakproof:
        needs.append(Need(SUPERUSER, "be a superuser to declare a function leakproof", "Connect as one."))
    if parsed(new):
        needs.append(since(14, "function bodies in SQL (BEGIN ATOMIC)"))
    return tuple(needs)


def _owning(path: ObjectPath) -> Need:
    return Need(
        f"(select pg_catalog.pg_has_role(p.proowner, 'USAGE') from {found(path)})",
        f"own {dotted(path)}",
        f"alter routine {dotted(path)} owner to {{role}};",
    )


def _writing(language: str) -> Need:
    return Need(
        f"(select {SUPERUSER} or l.lanpltrusted and pg_catalog.has_language_privilege(l.oid, 'USAGE')"
        f" from pg_catalog.pg_language l where l.lanname = {literal(language)})",
        f"have USAGE on the language {quoted(language)}, and be a superuser if it is untrusted",
        f"grant usage on language {quoted(language)} to {{role}};",
    )


CURE = Cure(
    create=create,
    drop=drop,
    # Only a person knows who calls a function.
    alter={
        **dict.fromkeys(("security", "returns", "language", "behaviour", "settings", "body"), replace_function),
        "execution": None,
        "arguments": replace_function,
        "defaults": replace_defaults,
        "planning": estimate,
        "transform": replace_function,
        "owner": give,
        "grants": _EXECUTION.grant,
        "excess": _EXECUTION.revoke,
        "option": _EXECUTION.keep_to_itself,
    },
    address=address,
)
