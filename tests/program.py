"""The program as a process of its own, without the third of a second in which Python and its libraries start.

One process a worker has loaded everything, and forks for each call: what runs has arguments, an environment, a folder,
pipes and an exit code of its own, as if it had been started. Where a call asks for more, it is started.
"""

from __future__ import annotations

import array
import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, redirect_stdout, suppress
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sessionaudit.embedded.server import Server

START = [sys.executable, "-m", "sessionaudit"]
_SIMPLE = {"env", "cwd", "input", "stdin", "capture_output", "text", "timeout", "check"}
_AT_START = ("PYTHON", "LC_", "LANG", "LD_", "SSL_")  # what Python and its libraries read when they start
# Of these, what makes no difference to a fork: it compiles nothing and opens its own streams.
_ALIKE = {"PYTHONDONTWRITEBYTECODE": None, "PYTHONUNBUFFERED": None, "PYTHONWARNINGS": "error"}
_LONGEST = 2**20
USED = "used"  # a file in the directory of a private server that is lent to a call, made when it uses that

Lent = dict[str, Any]
# Who lends private servers to calls that `run` makes, by their arguments and environment.
lending: list[Callable[[Sequence[str], Mapping[str, str]], AbstractContextManager[Lent | None]]] = []


class Process:
    """`subprocess.Popen` of `python -m sessionaudit` as far as tests use it, by a fork; text is read as it is."""

    def __init__(
        self,
        call: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str | Path | None = None,
        stdin: IO[str] | int = subprocess.DEVNULL,
        stdout: IO[str] | int = subprocess.PIPE,
        stderr: IO[str] | int = subprocess.PIPE,
        lent: Any = None,
    ) -> None:
        assert list(call[:3]) == START
        self._call = call
        self._exit, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        theirs, ours = zip(*(_stream(one, number) for number, one in enumerate((stdin, stdout, stderr))), strict=True)
        request = {
            "arguments": [str(one) for one in call[3:]],
            "environment": dict(env),
            "folder": str(Path(cwd or ".").absolute()),
            "server": lent,
        }
        fds = array.array("i", [*theirs, there.fileno()])
        _server().sendmsg([json.dumps(request).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
        there.close()
        for one in theirs:
            os.close(one)
        self.stdin, self.stdout, self.stderr = (
            None if one is None else os.fdopen(one, mode, encoding="utf-8", newline="")
            for one, mode in zip(ours, "wrr", strict=True)
        )
        self.pid = int(self._exit.recv(20))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; raises subprocess.TimeoutExpired where it does not come in time."""
        if self.returncode is None:
            self._exit.settimeout(timeout)
            try:
                self.returncode = int(self._exit.recv(20))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self._call, timeout or 0) from None
            self._exit.close()
        return self.returncode

    def communicate(self, input: str | None = None, timeout: float | None = None) -> tuple[str, str]:  # noqa: A002 - as subprocess declares it
        """Write and read all, and wait for the end; what does not end in time is killed."""
        with ThreadPoolExecutor(3) as pool:
            pool.submit(_write, self.stdin, input or "")
            outputs = [pool.submit(_read, one) for one in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                self.wait()
                raise
            out, errors = (one.result() for one in outputs)
        return out, errors

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _stream(given: IO[str] | int, number: int) -> tuple[int, int | None]:
    """The file that the program gets, and our end of it where it is a pipe."""
    if given == subprocess.PIPE:
        pipe = os.pipe()
        return pipe if number == 0 else pipe[::-1]
    if given == subprocess.DEVNULL:
        return os.open(os.devnull, os.O_RDWR), None
    return os.dup(given if isinstance(given, int) else given.fileno()), None


def _write(stream: IO[str] | None, text: str) -> None:
    if stream and not stream.closed:
        with suppress(BrokenPipeError), stream:
            stream.write(text)


def _read(stream: IO[str] | None) -> str:
    if stream is None or stream.closed:
        return ""
    with stream:
        return stream.read()


def run(call: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
    """`subprocess.run`, of `python -m sessionaudit` by a fork."""
    environment: Mapping[str, str] = options.get("env") or os.environ
    simple = (
        list(call[:3]) == START
        and options.keys() <= _SIMPLE
        and options.get("capture_output") is options.get("text") is True
        and options.get("stdin") in {None, subprocess.DEVNULL}
        and not options.get("check")
        and _at_start(environment) in (_at_start(os.environ), {})
    )
    if not simple:
        return subprocess.run(call, **options)  # noqa: PLW1510 - options has it
    with lending[-1](call, environment) if lending else nullcontext() as lent:
        process = Process(call, env=environment, cwd=options.get("cwd"), stdin=subprocess.PIPE, lent=lent)
        out, errors = process.communicate(options.get("input"), options.get("timeout"))
        return subprocess.CompletedProcess(call, process.wait(), out, errors)


def is_alike(environment: Mapping[str, str]) -> bool:
    """Whether Python starts in an environment as in this process's, and finds programs and temporary files."""
    return _at_start(environment) in (_at_start(os.environ), {}) and all(
        environment.get(name) == os.environ.get(name) for name in ("PATH", "TMPDIR")
    )


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    there = {name: value for name, value in environment.items() if name.startswith(_AT_START)}
    return {name: value for name, value in there.items() if _ALIKE.get(name, "") not in {None, value}}


@cache
def _server() -> socket.socket:
    """The line to the process that forks. It ends with this one."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    process = subprocess.Popen([sys.executable, __file__, str(there.fileno())], pass_fds=[there.fileno()], env=clean)
    there.close()
    atexit.register(process.wait)
    atexit.register(here.close)
    return here


# In the process that forks


def _serve(line: socket.socket) -> None:
    _load()
    gc.collect()
    gc.disable()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended, here = socket.socketpair()
    here.setblocking(False)
    signal.set_wakeup_fd(here.fileno())
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # one that is ignored would wake nobody
    running: dict[int, socket.socket] = {}
    while True:
        readable, _, _ = select.select([line, ended], [], [])
        if ended in readable:
            ended.recv(_LONGEST)
            _tell_who_ended(running)
        if line in readable:
            message, fds, _, _ = socket.recv_fds(line, _LONGEST, 4)
            if not message:
                return
            number = os.fork()
            if number == 0:
                signal.set_wakeup_fd(-1)
                for theirs in (line, ended, here, *running.values()):
                    theirs.close()
                os.close(fds[3])
                _run(json.loads(message), fds[:3])
            for given in fds[:3]:
                os.close(given)
            running[number] = socket.socket(fileno=fds[3])
            running[number].sendall(str(number).encode())


def _tell_who_ended(running: dict[int, socket.socket]) -> None:
    """Tell the exit code of each call that has ended to whoever waits for it."""
    while running:
        number, status = os.waitpid(-1, os.WNOHANG)
        if number == 0:
            return
        with running.pop(number) as answer, suppress(OSError):
            answer.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _load() -> None:
    import importlib
    import pkgutil

    import rich.progress
    import rich.table  # noqa: F401 - loaded for those who ask

    import sessionaudit

    for module in pkgutil.walk_packages(sessionaudit.__path__, "sessionaudit."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    _warm()


def _warm() -> None:
    """Parse what nearly every call parses: patterns, types, the demo's contract, and the options of the commands."""
    from typer.main import get_command

    from remembered import remember
    from sessionaudit.cli import commands
    from sessionaudit.cli.app import app
    from sessionaudit.contract.loader import load
    from sessionaudit.demo.system import contract

    remember()
    load(contract())
    for name in commands.COMMANDS:
        commands.loaded(name)
    with suppress(SystemExit), Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        get_command(app).main(["check", "--help"], prog_name="sessionaudit")


def _run(request: dict[str, Any], fds: Sequence[int]) -> NoReturn:
    import time
    import warnings

    import sessionaudit
    from sessionaudit.__main__ import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, one in enumerate(fds):
        os.dup2(one, number)
        os.close(one)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    if os.environ.get("PYTHONWARNINGS") == "error":
        warnings.simplefilter("error")
    if request["server"]:
        _use(request["server"])
    sys.modules["__main__"].__package__ = "sessionaudit"  # from which usage takes the program's name
    sys.argv = [str(Path(sessionaudit.__file__).with_name("__main__.py")), *request["arguments"]]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - open as long as the process
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1)  # noqa: SIM115 - open as long as the process
    main()
    os._exit(0)


def _use(lent: Lent) -> None:
    """Let the first private server that is asked for, if it is one such as that, be the one that is lent."""
    from sessionaudit.embedded import replay
    from sessionaudit.embedded.server import Server, temporary_server

    wanted = {"user": lent["user"], "settings": lent.pop("settings")}
    server = Server(**{**lent, "directory": Path(lent["directory"])})

    @contextmanager
    def given(**asked: Any) -> Generator[Server]:
        used = server.directory / USED
        if asked == wanted and not used.exists():
            used.touch()
            yield server
        else:
            with temporary_server(**asked) as own:
                yield own

    vars(replay)["temporary_server"] = given


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
