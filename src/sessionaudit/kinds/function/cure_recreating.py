"""Functions that are dropped and created again, with what the old one had, and with what depends on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessionaudit.core.cure import block
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Around, Composed, Hazard, LockLevel, Need, Obstacle
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.carried_over import listed, locked, owned
from sessionaudit.kinds.common.ownership import MEMBER, SUPERUSER
from sessionaudit.kinds.function.definition_text import noun
from sessionaudit.kinds.function.routine import found
from sessionaudit.sql.text import dollar_quoted, literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import Dependent, Step
    from sessionaudit.kinds.function.model import Function


def recreating(difference: Difference[Function], created: str) -> str:
    """The statement that drops it and creates the expected one; owner, grants and comment are carried over."""
    ref = difference.ref
    return block(
        _CARRYING.format(
            dropped=f"drop {noun(difference.old)} {ref.dotted}",
            created=dollar_quoted(f"create {created}", "create"),
            routine=literal(ref.dotted),
        )
    )


_CARRYING = """declare
  was record;
  one record;
begin
  select p.proowner as owner,
         coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner)) as grants,
         pg_catalog.obj_description(p.oid, 'pg_proc') as comment,
         array(select e.extname from pg_catalog.pg_depend d join pg_catalog.pg_extension e on e.oid = d.refobjid
                where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'x')
           as extensions
    into was
    from pg_catalog.pg_proc p
   where p.oid = {routine}::pg_catalog.regprocedure;
  {dropped};
  execute {created};
  if pg_catalog.pg_get_userbyid(was.owner) <> current_user then
    execute pg_catalog.format('alter routine %s owner to %s', {routine}, was.owner::pg_catalog.regrole);
  end if;
  for one in
    select distinct x.grantee
      from pg_catalog.pg_proc p
     cross join pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) x
     where p.oid = {routine}::pg_catalog.regprocedure and x.grantee <> p.proowner
  loop
    execute pg_catalog.format('revoke all on routine %s from %s', {routine},
      case when one.grantee = 0 then 'public' else one.grantee::pg_catalog.regrole::text end);
  end loop;
  for one in
    select x.grantee, case when x.is_grantable then ' with grant option' end as option
      from pg_catalog.aclexplode(was.grants) x
     where x.grantee <> was.owner
  loop
    execute pg_catalog.format('grant execute on routine %s to %s%s', {routine},
      case when one.grantee = 0 then 'public' else one.grantee::pg_catalog.regrole::text end, one.option);
  end loop;
  if was.comment is not null then
    execute pg_catalog.format('comment on routine %s is %L', {routine}, was.comment);
  end if;
  for one in select e.name from pg_catalog.unnest(was.extensions) e (name) loop
    execute pg_catalog.format('alter routine %s depends on extension %I', {routine}, one.name);
  end loop;
end"""


# What is recreated without reading rows, and means the same as before if it names the function.
_CARRIED = frozenset({"view", "policy", "trigger", "default"})


def with_dependents(difference: Difference[Function], step: Step) -> Step:
    """The step that recreates a function, with its dependents: carried over, or in its way."""
    ref = difference.ref
    step = replace(step, needs=(*step.needs, _giving_back(ref.path)), hazards=(Hazard.DROP, *step.hazards))
    if step.locks:  # which cannot be told apart from the locks on its dependents
        return replace(step, obstacle=_depending(ref))

    def compose(found: tuple[Dependent, ...]) -> Composed:
        others = [one for one in found if not itself(one, difference)]
        hindering = [one for one in others if one.sort not in _CARRIED or not one.put]
        taken = (statement for one in reversed(others) for statement in one.take)
        put = (statement for one in others for statement in one.put)
        return Composed(
            (*taken, *step.sql, *put),
            told=f"It drops and recreates {listed(others)}." if others else "",
            locks=locked(others),
            needs=owned(others),
            stuck=f"{listed(hindering)} cannot be dropped and recreated" if hindering else "",
            help=f"Drop what depends on {ref.dotted}, and recreate it afterwards." if hindering else "",
        )

    around = Around(f"select o.*, true, false from ({address(ref.path)}) o", compose)
    return replace(step, around=around, lock=LockLevel.ACCESS_EXCLUSIVE)


def itself(one: Dependent, difference: Difference[Function]) -> bool:
    """Whether a dependent is the function itself."""
    return one.sort == "function" and _spelled(one.name, difference) == _spelled(difference.ref.dotted, difference)


def _spelled(name: str, difference: Difference[Function]) -> str:
    return name.replace(", ", ",").replace(f"{quoted(difference.schema)}.", "")


def _depending(ref: ObjectRef) -> Obstacle:
    return Obstacle(
        rows=(
            "select null as key, pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) as dependent"
            f" from {found(ref.path)} join pg_catalog.pg_depend d on d.refobjid = p.oid"
            " where d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.deptype in ('n', 'a')"
        ),
        what="of pg_depend depend on it",
        hint=f"Drop what depends on {ref.dotted}, and recreate it afterwards.",
    )


def _giving_back(path: ObjectPath) -> Need:
    """That the new function can belong to the owner of the old one."""
    return Need(
        f"(select pg_catalog.pg_get_userbyid(p.proowner) = current_user or {SUPERUSER}"
        f" or pg_catalog.pg_has_role(p.proowner, {MEMBER})"
        f" and pg_catalog.has_schema_privilege(p.proowner, p.pronamespace, 'CREATE') from {found(path)})",
        f"the owner of {dotted(path)} needs CREATE on the schema {quoted(path[0])} to remain its owner",
        f"Grant its owner CREATE on {quoted(path[0])}, or connect as its owner.",
        whole=True,
    )


def address(path: ObjectPath) -> str:
    """The address of the function in pg_depend, as a query."""
    return at("pg_proc", "p.oid", found(path))
