"""Judge what roles may do with an object: by what the contract states, and by what is wrong in any system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits.behaviour.access.finding_of import access_ref, deciding, grounds, holder_of
from sessionaudit.audits.behaviour.access.of_policies import asked_recursion, of_policies
from sessionaudit.audits.behaviour.access.of_roles import RoleOnRelation, of_function, of_role
from sessionaudit.audits.behaviour.access.stating import of_statement
from sessionaudit.audits.behaviour.access.wanted import api_roles
from sessionaudit.core.access_verdict import AccessVerdict
from sessionaudit.core.finding import Skipped
from sessionaudit.core.ref import dotted
from sessionaudit.postgres.access.cycles import leading_to_cycles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessionaudit.audits.behaviour.access.wanted import WantedObject
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding
    from sessionaudit.postgres.access.cells import AccessCell
    from sessionaudit.postgres.access.model import AccessFacts
    from sessionaudit.postgres.connection import Connection

    Cells = Mapping[str, AccessCell]


class AccessJudge:
    """Judges objects; what could not be looked at is in `skipped`, of what nothing can be known in `undecided`."""

    def __init__(self, connection: Connection, facts: AccessFacts, contract: Contract) -> None:
        self._connection, self._facts, self._contract = connection, facts, contract
        self._api = api_roles(contract)
        self._cyclic = leading_to_cycles(facts)
        self.skipped: list[Skipped] = []
        self.undecided: list[Skipped] = []

    def of_object(self, wanted: WantedObject, cells: Mapping[str, Cells]) -> Iterator[Finding]:
        """Return the findings on one object. Raises psycopg.Error."""
        for role, own in cells.items():
            yield from self._stated(wanted, role, own)
            stated = wanted.stated(role)
            free = {command: cell for command, cell in own.items() if command not in stated}
            if wanted.is_relation:
                relation = self._facts.by_path[wanted.path]
                yield from of_role(
                    RoleOnRelation(wanted, relation, self._facts.roles[role], free, of_api=role in self._api)
                )
            elif role in self._api:
                yield from of_function(wanted, self._facts.functions_by_path[wanted.path], role, free)
        if wanted.is_relation:
            yield from of_policies(wanted, self._facts.by_path[wanted.path], self._contract)
            if self._facts.by_path[wanted.path].oid in self._cyclic:
                asked = asked_recursion(self._connection, wanted, self._facts, cells)
                self.skipped += asked.skipped
                yield from asked.findings

    def _stated(self, wanted: WantedObject, role: str, own: Cells) -> Iterator[Finding]:
        for command, statement in wanted.stated(role).items():
            if own[command].verdict is AccessVerdict.UNKNOWN:
                what = f"{command} of {dotted(wanted.path)} as {role}"
                why = "; ".join(dict.fromkeys(reason.text for reason in own[command].reasons))
                (ref,) = (access_ref(wanted.path, role),)
                about = (ref._replace(path=(*ref.path, command)),)
                self.undecided.append(Skipped(what, why or "it cannot be known from the catalogs", about=about))
                continue
            relation = self._facts.by_path[wanted.path] if wanted.is_relation else None
            stands_on = grounds(self._contract, wanted, role, own[command], relation)
            ref = access_ref(wanted.path, role)
            finding = of_statement(statement, own[command], ref, stands_on, holder_of(wanted))
            if finding is not None:
                yield replace(finding, decisive=deciding(wanted, own[command], relation))
