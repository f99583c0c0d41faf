"""Functions and aggregates that are dropped and created again in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import block
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Need, Obstacle
from sessionaudit.kinds.common.ownership import MEMBER, SUPERUSER
from sessionaudit.sql.text import dollar_quoted, literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef


def recreated(ref: ObjectRef, dropping: str, creating: str) -> str:
    """The statement that does both, and carries over the owner, the grants, the comment and the extensions."""
    return block(
        _CARRYING.format(dropped=dropping, created=dollar_quoted(creating, "create"), routine=literal(ref.dotted))
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


def giving_back(path: ObjectPath, found: str) -> Need:
    """That the new one can belong to the owner of the old one, which is `found` as pg_proc `p`."""
    return Need(
        f"(select pg_catalog.pg_get_userbyid(p.proowner) = current_user or {SUPERUSER}"
        f" or pg_catalog.pg_has_role(p.proowner, {MEMBER})"
        f" and pg_catalog.has_schema_privilege(p.proowner, p.pronamespace, 'CREATE') from {found})",
        f"the owner of {dotted(path)} needs CREATE on the schema {quoted(path[0])} to remain its owner",
        f"Grant its owner CREATE on {quoted(path[0])}, or connect as its owner.",
        whole=True,
    )


def depending(ref: ObjectRef, found: str) -> Obstacle:
    """What depends on it, and prevents PostgreSQL from dropping it."""
    return Obstacle(
        rows=(
            "select null as key, pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) as dependent"
            f" from {found} join pg_catalog.pg_depend d on d.refobjid = p.oid"
            " where d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.deptype in ('n', 'a')"
        ),
        what="of pg_depend depend on it",
        hint=f"Drop what depends on {ref.dotted}, and recreate it afterwards.",
    )
