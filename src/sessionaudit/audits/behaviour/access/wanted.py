"""Tell which objects are examined, and for which roles: what the contract states, or all that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessionaudit.contract.access import StatedAccess
    from sessionaudit.contract.model import Contract, Declared
    from sessionaudit.core.finding import Location
    from sessionaudit.core.kind import Kind, ObjectPath

# Those of the platform, in the order of what they may do.
PLATFORM_ROLES = {"supabase": ("anon", "authenticated", "service_role")}
API_ROLES = ("anon", "authenticated")
PUBLIC = "public"
_ROLE = "role"
_ACCESSED: tuple[Kind[object], ...] = tuple(kind for kind in KINDS if kind.commands)


class WantedObject(Struct, frozen=True, kw_only=True):
    """An object of the contract, the commands that it knows, and the roles that are examined on it."""

    kind: str
    path: ObjectPath
    commands: tuple[str, ...]
    roles: tuple[str, ...]
    declared: Declared

    def stated(self, role: str) -> Mapping[str, StatedAccess]:
        """Return what the contract states of a role, by command."""
        return {one.command: one for one in self.declared.access if one.role == role}

    @property
    def place(self) -> Location:
        """Where the contract states its access, else where it is declared."""
        return self.declared.access[0].location if self.declared.access else self.declared.location()

    @property
    def is_relation(self) -> bool:
        """Whether it is a relation; else it is a function."""
        return "execute" not in self.commands


def is_stated(contract: Contract) -> bool:
    """Whether a contract states anything about access, so that it is audited."""
    return contract.access is not None or any(entry.access for _, _, entry in _objects(contract))


def api_roles(contract: Contract) -> tuple[str, ...]:
    """Return the roles as which requests of users come."""
    said = contract.access.api if contract.access else None
    return API_ROLES if said is None else said


def named_roles(contract: Contract) -> tuple[str, ...]:
    """Return the roles that a contract names, those of its platform first."""
    found: dict[str, None] = {}
    if contract.migrations:
        found |= dict.fromkeys(PLATFORM_ROLES.get(contract.migrations.platform, ()))
    if contract.access:
        found |= dict.fromkeys((*(contract.access.api or ()), *contract.access.roles))
    for kind in KINDS:
        for path, entry in contract.objects[kind.name].items():
            # What is declared absent names a role, too, if that is a part of its path.
            found |= dict.fromkeys(name for part, name in zip(kind.path, path, strict=False) if part == _ROLE)
            if kind.roles is not None and entry.value is not None:
                found |= dict.fromkeys(kind.roles(path, entry.value))
    found |= dict.fromkeys(one.role for _, _, entry in _objects(contract) for one in entry.access)
    found.pop(PUBLIC, None)
    usual = [role for roles in PLATFORM_ROLES.values() for role in roles if role in found]
    return tuple(dict.fromkeys((*usual, *found)))


def stated_objects(contract: Contract) -> list[WantedObject]:
    """Return what `check` examines: all objects, where the contract has the section, else those with a statement."""
    if contract.access is not None:
        return every_object(contract, contract.access.roles or named_roles(contract))
    return [_wanted(kind, path, entry, _roles_of(entry)) for kind, path, entry in _objects(contract) if entry.access]


def every_object(contract: Contract, roles: Sequence[str]) -> list[WantedObject]:
    """Return all objects of a contract that roles run commands on, for these roles and those that it states there."""
    return [
        _wanted(kind, path, entry, tuple(dict.fromkeys((*roles, *_roles_of(entry)))))
        for kind, path, entry in _objects(contract)
    ]


def _objects(contract: Contract) -> Iterator[tuple[Kind[object], ObjectPath, Declared]]:
    for kind in _ACCESSED:
        for path, entry in contract.objects[kind.name].items():
            if entry.value is not None:
                yield kind, path, entry


def _roles_of(entry: Declared) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.role for one in entry.access))


def _wanted(kind: Kind[object], path: ObjectPath, entry: Declared, roles: tuple[str, ...]) -> WantedObject:
    return WantedObject(kind=kind.name, path=path, commands=kind.commands, roles=roles, declared=entry)
