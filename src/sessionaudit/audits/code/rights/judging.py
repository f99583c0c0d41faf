"""Judge whether the role of a client may do what its requests do, and whether row security lets any row pass."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.audits.code.model import Action
from sessionaudit.audits.code.rights.invoked import below
from sessionaudit.audits.code.rights.needs import NeededRight, needs
from sessionaudit.audits.code.rights.reading import read_rights
from sessionaudit.audits.code.rights.uses import judge_uses
from sessionaudit.core import sqlstate
from sessionaudit.core.counting import counted
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.postgres.recursion import recursions
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.model import CodeClient
    from sessionaudit.audits.code.rights.reading import Rights, RoleRights
    from sessionaudit.audits.code.roles import SentAs
    from sessionaudit.audits.code.schema_cache.model import CachedRelation
    from sessionaudit.audits.code.verdict import CodeVerdict
    from sessionaudit.postgres.connection import Connection

_DOING = {"select": "read", "insert": "insert into", "update": "update", "delete": "delete from"}
_SUBQUERY = "select"


def judge_rights(connection: Connection, every: Sequence[tuple[Compiled, SentAs]]) -> tuple[str, ...]:
    """Judge requests, each with the roles that it may be sent as, in the open transaction; add to their verdicts.

    Of several roles, each must lack a right: else the request may be right as one of them. Returns why the rights of
    some were not judged. Raises psycopg.Error.
    """
    unknown = {id(one.request): one for one, given in every if not given.roles and (one.relation or one.routine)}
    unjudged = Counter(_unknown_role(one.request.client) for one in unknown.values())
    named = [(one, given, list(needs(one))) for one, given in every if given.roles]
    with_views = below(connection, (need for _, _, found in named for need in found))
    wanted = [(one, given, with_views(found)) for one, given, found in named]
    roles = {role for _, given, _ in wanted for role in given.roles}
    relations = {need.relation.oid for _, _, found in wanted for need in found}
    functions = {one.routine.oid for one, _, _ in wanted if one.routine}
    rights = read_rights(connection, roles, relations, functions)
    as_roles = [(role, found) for _, given, found in wanted for role in given.roles]
    recursive = _recursions(connection, rights, as_roles)
    for one, given, found in wanted:
        before = one.verdicts
        of_each: list[list[CodeVerdict]] = []
        for role in given.roles:
            if role not in rights.roles:
                if given.stated:
                    one.leave(one.request.at, f"there is no role {role} here")
                else:
                    unjudged[f"there is no role {role} here"] += 1
                continue
            one.verdicts = []
            _judge(one, role, found, rights, recursive)
            of_each.append(one.verdicts)
        one.verdicts = before
        if of_each:
            others = [{(each.rule.code, each.at) for each in verdicts} for verdicts in of_each[1:]]
            one.verdicts += (v for v in of_each[0] if all((v.rule.code, v.at) in other for other in others))
    return tuple(f"the rights of {counted(number, 'call')} were not judged: {why}" for why, number in unjudged.items())


def _unknown_role(client: CodeClient) -> str:
    name = client.name.rpartition(".")[2] or client.maker
    if not name:
        return "the role of the client is not known"
    stated = f"code: {{clients: {{{name}: ROLE}}}}"
    return f"the role of the client {name} is not known, which a contract states as {stated}"


def _judge(
    one: Compiled,
    role: str,
    found: Sequence[NeededRight],
    rights: Rights,
    recursive: Mapping[tuple[str, int, str], str],
) -> None:
    _calls(one, role, rights)
    told: set[tuple[int, str]] = set()
    for need in found:
        if (need.relation.oid, need.privilege) in told:
            continue
        told.add((need.relation.oid, need.privilege))
        own = rights.relations.get((role, need.relation.oid))
        if own is None:
            continue
        if message := recursive.get((role, need.relation.oid, need.privilege)):
            _recursive(one, role, need, message)
        elif not _refused(one, role, need, own):
            judge_uses(one, role, need, own, rights.lacking.get((role, need.relation.oid), ()))
            _secured(one, role, need, own)
    _unseen(one, role, rights)


def _access(ref: ObjectRef, role: str) -> ObjectRef:
    """What a role may do with an object, of which another audit tells."""
    return ObjectRef("access", (*ref.path, role))


def _calls(one: Compiled, role: str, rights: Rights) -> None:
    if one.routine is None or rights.calls.get((role, one.routine.oid), True):
        return
    one.found(
        rules.MISSING_PRIVILEGE,
        one.at,
        f"the role {role} may not call {'.'.join(one.routine.path)}",
        sqlstate.INSUFFICIENT_PRIVILEGE,
        ref=one.routine.ref,
        actual=role,
        hint=f"grant execute on function {dotted(one.routine.path)} to {quoted(role)};",
        stands_on=(one.routine.ref, _access(one.routine.ref, role)),
    )


def _refused(one: Compiled, role: str, need: NeededRight, own: RoleRights) -> bool:
    missing = own.lacking(need.privilege, need.columns)
    if missing is None:
        return False
    relation = need.relation
    what = f"{_DOING[need.privilege]} {'.'.join(relation.path)}"
    if missing:
        what = f"{need.privilege} the column {', '.join(missing)} of {'.'.join(relation.path)}"
    columns = f" ({', '.join(map(quoted, missing))})" if missing else ""
    ref = ObjectRef("grant", (*relation.path, role))
    schema = "" if own.schema else f"grant usage on schema {quoted(relation.path[0])} to {quoted(role)}; "
    one.found(
        rules.MISSING_PRIVILEGE,
        need.at,
        f"the role {role} may not {what}{_through(need)}",
        sqlstate.INSUFFICIENT_PRIVILEGE,
        ref=ref,
        expected=need.privilege + columns,
        actual=role,
        hint=f"{schema}grant {need.privilege}{columns} on {dotted(relation.path)} to {quoted(role)};",
        stands_on=(relation.ref, ref, _access(relation.ref, role)),
    )
    return True


def _through(need: NeededRight) -> str:
    return f", which the view {need.through} reads with the rights of whoever asks" if need.through else ""


def _secured(one: Compiled, role: str, need: NeededRight, own: RoleRights) -> None:
    """Note a command for which row security lets no row pass."""
    if not own.shut(need.privilege):
        return
    relation = need.relation
    name = ".".join(relation.path)
    policies = [policy for policy in own.policies if policy.about(need.privilege)]
    why = "the policies for it are false" if policies else f"no policy for {need.privilege} applies to it"
    effect = {
        "select": f"the role {role} sees no row of {name}",
        "insert": f"the role {role} may insert no row into {name}",
        "update": f"the role {role} updates no row of {name}, and that is no error",
        "delete": f"the role {role} deletes no row of {name}, and that is no error",
    }[need.privilege]
    inserts = need.privilege == "insert"
    upserts = one.request.action is Action.UPSERT and need.privilege == "update"
    if upserts:
        effect = f"the role {role} updates no row of {name}, and the upsert is refused where a row is there"
    one.found(
        rules.NO_ROW_PASSES,
        need.at,
        f"{effect}{_through(need)}: row security is enabled, and {why}",
        sqlstate.INSUFFICIENT_PRIVILEGE if inserts or upserts else "",
        ref=relation.ref,
        actual=f"{role} {need.privilege}",
        stands_on=(
            relation.ref,
            _access(relation.ref, role),
            *(ObjectRef("policy", (*relation.path, policy.name)) for policy in policies),
        ),
        certain=inserts,
    )


def _unseen(one: Compiled, role: str, rights: Rights) -> None:
    if one.request.action not in {Action.UPDATE, Action.DELETE} or one.relation is None:
        return
    own = rights.relations.get((role, one.relation.oid))
    command = "update" if one.request.action is Action.UPDATE else "delete"
    if own is None or not own.bound or own.shut(command) or "return=representation" in one.wire.prefer:
        return
    if any(text.startswith("count=") for text in one.wire.prefer):
        return
    one.found(
        rules.UNSEEN_EFFECT,
        one.request.at,
        f"where no policy lets {role} {command} a row of {'.'.join(one.relation.path)}, nothing happens, and the "
        "answer is the same",
        ref=one.relation.ref,
        actual=role,
        hint="Add .select(), and look whether a row comes back.",
        stands_on=(one.relation.ref,),
        certain=False,
    )


def _recursive(one: Compiled, role: str, need: NeededRight, message: str) -> None:
    one.found(
        rules.RECURSIVE_POLICY,
        need.at,
        f"the role {role} cannot {_DOING[need.privilege]} {'.'.join(need.relation.path)}: {message}",
        sqlstate.INVALID_OBJECT_DEFINITION,
        ref=need.relation.ref,
        actual=role,
        hint="Look the rows up in a function with SECURITY DEFINER, which row security does not bind.",
        stands_on=(need.relation.ref, _access(need.relation.ref, role)),
    )


def _recursions(
    connection: Connection, rights: Rights, wanted: Sequence[tuple[str, list[NeededRight]]]
) -> Mapping[tuple[str, int, str], str]:
    """Return the messages about policies that recurse, by role, relation and command: the server plans as the role."""
    asked: dict[tuple[str, int, str], CachedRelation] = {}
    for role, found in wanted:
        for need in found:
            own = rights.relations.get((role, need.relation.oid))
            if own and own.bound and any(_SUBQUERY in f"{one.using} {one.check}".lower() for one in own.policies):
                asked[role, need.relation.oid, need.privilege] = need.relation
    messages: dict[tuple[str, int, str], str] = {}
    for (role, oid, privilege), relation in asked.items():
        first = next(iter(relation.columns), "")
        asking = recursions(connection, role, relation.path, [privilege], first)
        messages |= {(role, oid, command): message for command, message in asking.messages.items()}
    return messages
