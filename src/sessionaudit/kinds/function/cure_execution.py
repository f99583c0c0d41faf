"""EXECUTE on functions and aggregates: exactly what is missing is granted, exactly what is in excess is revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.core.cure import Difference, array, block, present
from sessionaudit.core.kind import ObjectPath
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.rights import owning_of, role_there
from sessionaudit.kinds.function import execution
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessionaudit.core.ref import ObjectRef

_ACL = "pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) x"
_NAME = "case when x.grantee = 0 then 'public' else pg_catalog.pg_get_userbyid(x.grantee)::text end"


class ExecutionCures(NamedTuple):
    """The cures for functions, or for aggregates: `noun` is what people call one, `sort` what GRANT does.

    `found` gives the one of a path as pg_proc `p`.
    """

    noun: Callable[[Any], str]
    sort: Callable[[Any], str]
    found: Callable[[ObjectPath], str]

    def grant(self, difference: Difference[Any]) -> tuple[Step, ...]:
        """Grant EXECUTE to the roles that lack it."""
        roles = execution.lacking(difference.new, difference.old)
        words = execution.in_words(roles)
        return (
            _step(
                difference,
                f"Grant EXECUTE on the {self.noun(difference.old)} {difference.ref.dotted} to {words}",
                f"grant execute on {self.sort(difference.old)} {difference.ref.dotted} to {words}",
                self.granted(difference.ref.path, roles),
                needs=(self._granting(difference.ref.path), *there(roles)),
            ),
        )

    def revoke(self, difference: Difference[Any]) -> tuple[Step, ...]:
        """Revoke EXECUTE from the roles that the contract does not name."""
        roles = execution.beyond(difference.new, difference.old)
        words = execution.in_words(roles)
        return (
            _step(
                difference,
                f"Revoke EXECUTE on the {self.noun(difference.old)} {difference.ref.dotted} from {words}",
                f"revoke execute on {self.sort(difference.old)} {difference.ref.dotted} from {words}",
                f"not {self._some(difference.ref.path, roles)}",
                needs=self._revoking(difference.ref, roles),
            ),
        )

    def keep_to_itself(self, difference: Difference[Any]) -> tuple[Step, ...]:
        """Revoke the grant option, and keep EXECUTE."""
        roles = execution.passing_on(difference.new, difference.old)
        words = execution.in_words(roles)
        return (
            _step(
                difference,
                f"Revoke the grant option for EXECUTE on the {self.noun(difference.old)} {difference.ref.dotted}"
                f" from {words}",
                f"revoke grant option for execute on {self.sort(difference.old)} {difference.ref.dotted} from {words}",
                f"not {self._some(difference.ref.path, roles, ' and x.is_grantable')}",
                needs=self._revoking(difference.ref, roles),
            ),
        )

    def set_exactly(self, ref: ObjectRef, grants: Iterable[str]) -> str:
        """The statement that leaves EXECUTE to these roles alone: default privileges may give it to others."""
        names = array(execution.in_order(grants))
        return block(
            f"declare\n  one record;\nbegin\n  for one in\n    select distinct {_NAME} as role"
            f"\n      from {self.found(ref.path)}\n     cross join {_ACL}\n     where x.grantee <> p.proowner"
            f"\n       and {_NAME} <> all ({names})\n  loop\n"
            f"    execute pg_catalog.format('revoke execute on routine %s from %s', {literal(ref.dotted)},\n"
            "      case when one.role = 'public' then 'public' else pg_catalog.quote_ident(one.role) end);\n"
            "  end loop;\n"
            + "".join(f"  grant execute on routine {ref.dotted} to {words};\n" for words in _in_one(grants))
            + "end"
        )

    def exactly(self, path: ObjectPath, grants: Iterable[str]) -> str:
        """Whether EXECUTE is granted to these roles, and to no others but the owner."""
        roles = [*grants]
        others = self._is_there(
            path, f"exists (select from {_ACL} where x.grantee <> p.proowner and {_NAME} <> all ({_of(roles)}))"
        )
        return f"({self.granted(path, roles)} and not {others})"

    def granted(self, path: ObjectPath, roles: Iterable[str]) -> str:
        """Whether EXECUTE is granted to each of some roles."""
        return self._is_there(
            path,
            f"not exists (select from pg_catalog.unnest({_of(roles)}) r (name)"
            f" where r.name <> all (array(select {_NAME} from {_ACL})))",
        )

    def _some(self, path: ObjectPath, roles: Iterable[str], condition: str = "") -> str:
        return self._is_there(path, f"exists (select from {_ACL} where {_NAME} = any ({_of(roles)}){condition})")

    def _granting(self, path: ObjectPath) -> Need:
        return owning_of(
            "p.proowner",
            f"from {self.found(path)}",
            f"{quoted(path[0])}.{quoted(path[1])}{path[2]}",
            otherwise=" or pg_catalog.has_function_privilege(p.oid, 'execute with grant option')",
            instead=", or have EXECUTE on it with grant option",
        )

    def _revoking(self, ref: ObjectRef, roles: Iterable[str]) -> tuple[Need, ...]:
        """The rights to revoke; PostgreSQL would keep what others than the owner granted, without an error."""
        passed_on = (
            f"exists (select from {_ACL} join pg_catalog.pg_roles r on r.oid = x.grantor"
            f" where r.rolname = any ({_of(roles)}) and x.grantor <> p.proowner)"
        )
        return (
            owning_of("p.proowner", f"from {self.found(ref.path)}", ref.dotted),
            Need(
                f"not {self._some(ref.path, roles, ' and x.grantor <> p.proowner')}",
                f"be the role that granted EXECUTE on {ref.dotted}, which is not the owner",
                "Revoke EXECUTE as the role that granted it.",
            ),
            Need(
                f"not {self._is_there(ref.path, passed_on)}",
                f"EXECUTE on {ref.dotted} was granted on to others by a role that loses it; revoke that first",
                f"revoke execute on routine {ref.dotted} from {execution.in_words(roles)} cascade;",
                whole=True,
            ),
        )

    def _is_there(self, path: ObjectPath, condition: str) -> str:
        return f"exists (select from {self.found(path)} where {condition})"


def _step(difference: Difference[Any], action: str, sql: str, done: str, needs: tuple[Need, ...]) -> Step:
    return Step(
        action=action,
        ref=difference.ref,
        sql=(sql,),
        done=done,
        lock=LockLevel.NONE,
        requires=(present(difference.ref),),
        needs=needs,
        hazards=(Hazard.RIGHTS,),
    )


def _in_one(grants: Iterable[str]) -> tuple[str, ...]:
    words = execution.in_words(grants)
    return (words,) if words else ()


def _of(roles: Iterable[str]) -> str:
    return array(execution.in_order(roles))


def there(roles: Iterable[str]) -> tuple[Need, ...]:
    """That the roles exist."""
    return tuple(role_there(role) for role in execution.in_order(roles) if role != execution.PUBLIC)
