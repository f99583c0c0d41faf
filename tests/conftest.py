"""Fixtures that give tests a real PostgreSQL."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

import second_proofs
from clusters import copied_clusters
from private_server import own_servers, shared_servers
from remembered import remember
from servers import DatabaseServer, connect, running_server

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    import psycopg


# A run in the background of a script ignores Ctrl-C, and so would every process that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


MEMORY = Path("/dev/shm")
_ROOM = 2**32


class MakeDatabase(Protocol):
    """Makes a database, empty or a copy of a template, and returns its URL."""

    def __call__(self, template: str | None = None) -> str: ...


class Template(Protocol):
    """Makes a template database from SQL texts, once in a run, and returns its name for MakeDatabase."""

    def __call__(self, name: str, texts: Sequence[str]) -> str: ...


def pytest_configure() -> None:
    """What tests write goes into memory, where it costs nothing to make a database; nothing goes into a home."""
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None
    folder = tempfile.mkdtemp(prefix="sessionaudit-state-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["XDG_STATE_HOME"] = folder


def pytest_collection() -> None:
    """Thousands of tests stay where they are: looking through them for what is garbage costs a tenth of the time."""
    gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is proven twice waits for a thorough run; it is marked before marks decide what runs."""
    second_proofs.mark(items, whole=config.args == config.getini("testpaths"))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)


def _has_room(folder: Path) -> bool:
    """Whether a folder is there in which servers have room, and programs run."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return not found.f_flag & os.ST_NOEXEC and found.f_bavail * found.f_frsize >= _ROOM and os.access(folder, os.W_OK)


TOP = Path(__file__).parents[1]
# Made by tools, and left out of the repository.
_OF_TOOLS = {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".cache", ".venv", ".git"}


def checkout() -> set[str]:
    """The files and folders of the checkout, but for what tools keep in it."""
    found: set[str] = set()
    for folder, folders, names in os.walk(TOP):
        folders[:] = [name for name in folders if name not in _OF_TOOLS and not name.endswith(".egg-info")]
        found.update(f"{folder.removeprefix(str(TOP))}/{name}" for name in (*folders, *names))
    return found


@pytest.fixture(scope="session", autouse=True)
def clean_checkout(request: pytest.FixtureRequest) -> Generator[None]:
    """Tests and demos write into temporary folders, and leave nothing in the checkout."""
    before = checkout()
    yield
    if not request.config.getoption("--regen"):
        left = sorted(checkout() - before)
        assert not left, f"the run left in the checkout: {', '.join(left)}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regen", action="store_true", help="write the goldens of tests/cases anew; skips no proof")


@pytest.fixture(scope="session", autouse=True)
def private_servers() -> Generator[None]:
    """Private servers that the tests of this process share, each started when it is needed first."""
    with copied_clusters(), shared_servers():
        yield


@pytest.fixture(scope="session", autouse=True)
def remembering() -> None:
    """What is the same in each call is made in the first one."""
    remember()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test that is marked has private servers of its own."""
    with own_servers() if item.get_closest_marker("own_server") else nullcontext():
        return (yield)


@pytest.fixture(scope="session")
def server() -> Generator[DatabaseServer]:
    """The server of this run; each worker of pytest-xdist has its own, unless the environment names one."""
    with running_server() as running:
        yield running


@pytest.fixture(scope="session")
def template(server: DatabaseServer) -> Template:
    return server.template


@pytest.fixture
def make_database(server: DatabaseServer) -> Generator[MakeDatabase]:
    """Makes as many databases as a test needs; they are dropped when it ends."""
    made: list[str] = []

    def make(template: str | None = None) -> str:
        made.append(server.create(template))
        return made[-1]

    yield make
    for url in made:
        server.drop(url)


@pytest.fixture
def database(make_database: MakeDatabase) -> str:
    """The URL of an empty database, dropped when the test ends."""
    return make_database()


@pytest.fixture
def looking(database: str) -> Generator[psycopg.Connection]:
    """A connection to `database`, for all that a test makes and looks at itself: each new one costs a process."""
    with connect(database) as connection:
        yield connection
