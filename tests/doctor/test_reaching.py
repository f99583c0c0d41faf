"""A connection that fails is told by its stages, within the time that the URL allows, and without secrets."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import stat
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from calls import call
from consumers import lacking
from rows import TOP
from servers import connect
from sessionaudit.doctor.diagnosis import ReachedStage
from sessionaudit.doctor.reaching import attempts
from sessionaudit.embedded.account import server_account
from sessionaudit.embedded.binaries import Binaries
from sessionaudit.embedded.server import temporary_server
from sessionaudit.postgres import connection, unreachable
from sessionaudit.postgres.connection import closing
from sessionaudit.postgres.masking import masked, public

if TYPE_CHECKING:
    from collections.abc import Generator

    from servers import DatabaseServer
    from sessionaudit.doctor.diagnosis import ConnectionAttempt

SSL = Path("/usr/lib/postgresql")


@contextlib.contextmanager
def listener(answer: bytes | None) -> Generator[int]:
    """Yield the port of a server that accepts, and then says this; None: nothing, for ever."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(server.accept()[0])
                    if answer is not None:
                        held[-1].recv(8)
                        held[-1].sendall(answer)
                        held[-1].close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    for one in held:
        one.close()


def failed(attempt: ConnectionAttempt) -> ReachedStage:
    """The stage at which an attempt failed; those before it are done, and those after it were not tried."""
    states = [one.done for one in attempt.stages]
    place = states.index(False)
    assert states == [True] * place + [False] + [None] * (len(states) - place - 1)
    return attempt.stages[place].stage


FAILING = {
    "postgresql://x:hidden@127.0.0.1:1/x": (
        ReachedStage.SOCKET,
        "Is the server running there",
        "pg_isready -h 127.0.0.1",
    ),
    "postgresql://x:hidden@nothere.invalid/x": (
        ReachedStage.NAME,
        "Check the host name",
        "getent hosts nothere.invalid",
    ),
    "host=/nowhere dbname=x password=hidden": (ReachedStage.SOCKET, "no directory /nowhere", "pg_isready -h /nowhere"),
    **{
        f"postgresql://x:hidden@127.0.0.1:1/x?{name}=bogus": (ReachedStage.ADDRESS, f"Check {name} in the URL", "")
        for name in (
            *("sslmode", "channel_binding", "gssencmode", "target_session_attrs", "load_balance_hosts", "keepalives"),
            *("sslnegotiation", "sslcertmode", "ssl_min_protocol_version", "require_auth"),
        )
    },
    "service=nothere password=hidden": (ReachedStage.ADDRESS, "Check PGSERVICE", ""),
}


@pytest.mark.parametrize("url", FAILING)
def test_what_fails_before_the_server_answers(url: str) -> None:
    stage, hint, command = FAILING[url]
    (attempt,) = attempts(url)
    assert failed(attempt) is stage, attempt
    assert attempt.message
    assert hint in attempt.hint
    assert any(command in one for one in attempt.commands) or not command
    assert "hidden" not in str(attempt)


def test_what_libpq_takes_is_said_right() -> None:
    """Each value that a hint names is one that libpq does not refuse."""
    for name, takes in unreachable._TAKES.items():
        for value in re.split(r", | or ", takes):
            if (name, value) != ("sslnegotiation", "direct"):  # which needs a sslmode that requires TLS
                (attempt,) = attempts(f"postgresql://x@127.0.0.1:1/x?{name}={value}")
                assert "invalid" not in attempt.message, (name, value)


def test_a_socket_that_is_not_there(tmp_path: Path) -> None:
    (attempt,) = attempts(f"host={tmp_path} port=5432 dbname=x")
    assert attempt.hint == f"Is a server with port 5432 running on this machine, and is its socket in {tmp_path}?"
    for name in (".s.PGSQL.6000", ".s.PGSQL.6000.lock"):
        (tmp_path / name).touch()
    (attempt,) = attempts(f"host={tmp_path} port=5432 dbname=x")
    assert attempt.hint == f"In {tmp_path} is no socket for port 5432, but for 6000: check the port."
    assert failed(attempt) is ReachedStage.SOCKET


def test_a_service_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSERVICEFILE", "/nowhere/services")
    (attempt,) = attempts("service=x password=hidden")
    assert failed(attempt) is ReachedStage.ADDRESS
    assert attempt.hint.startswith("Check PGSERVICEFILE")


@pytest.mark.parametrize(("mode", "stage"), [("prefer", ReachedStage.TLS), ("disable", ReachedStage.AUTHENTICATION)])
def test_who_accepts_and_never_answers_takes_no_longer_than_the_url_allows(mode: str, stage: ReachedStage) -> None:
    with listener(None) as port:
        began = time.monotonic()
        (attempt,) = attempts(f"postgresql://x:hidden@127.0.0.1:{port}/x?connect_timeout=1&sslmode={mode}")
    assert time.monotonic() - began < 1.5
    assert failed(attempt) is stage
    assert attempt.message == "the server accepted the connection, and then answered nothing for 1 s."
    assert "Is it PostgreSQL that listens there?" in attempt.hint


def test_who_hangs_up_or_has_no_tls() -> None:
    with listener(b"") as port:
        (attempt,) = attempts(f"postgresql://x@127.0.0.1:{port}/x?connect_timeout=2")
    assert failed(attempt) in {ReachedStage.TLS, ReachedStage.AUTHENTICATION}
    with listener(b"N") as port:
        (attempt,) = attempts(f"postgresql://x@127.0.0.1:{port}/x?connect_timeout=2&sslmode=require")
    assert failed(attempt) is ReachedStage.TLS
    assert "does not support SSL" in attempt.message
    with listener(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        (attempt,) = attempts(f"postgresql://x@127.0.0.1:{port}/x?connect_timeout=2")
    assert failed(attempt) is ReachedStage.TLS


def test_each_host_is_tried_until_one_is_reached(server: DatabaseServer) -> None:
    there = psycopg.conninfo.conninfo_to_dict(server.url)
    with listener(None) as port:
        several = psycopg.conninfo.make_conninfo(
            server.url, host=f"127.0.0.1,{there['host']},127.0.0.1", port=f"{port},{there['port']},1", connect_timeout=1
        )
        found = attempts(several)
    assert [one.reached for one in found] == [False, True]
    assert all(stage.done for stage in found[1].stages)


def test_what_the_server_refuses(server: DatabaseServer) -> None:
    wrong = psycopg.conninfo.make_conninfo(server.url, password="hidden")
    try:
        psycopg.connect(wrong).close()
    except psycopg.OperationalError:  # else it trusts everybody
        (attempt,) = attempts(wrong)
        assert failed(attempt) is ReachedStage.AUTHENTICATION
        assert "password authentication failed" in attempt.message
        assert "hidden" not in str(attempt)
    (attempt,) = attempts(psycopg.conninfo.make_conninfo(server.url, dbname="nothere"))
    assert failed(attempt) is ReachedStage.DATABASE
    assert attempt.message == 'FATAL: database "nothere" does not exist.'
    assert attempt.commands[0].endswith(" -l")
    assert "dbname=postgres" in attempt.commands[0]


REFUSED = {
    "options=-c%20role%3Dnot_there": (ReachedStage.DATABASE, "Check options in the URL. To work as a role, use --role"),
    "options=-c%20bogus%3D1": (ReachedStage.DATABASE, "Check options in the URL"),
    "options=-c%20work_mem%3Dmuch": (ReachedStage.DATABASE, "Check options in the URL"),
    "options=--bogus": (ReachedStage.DATABASE, "Check options in the URL"),
    "target_session_attrs=standby": (ReachedStage.DATABASE, "target_session_attrs asks for another kind of server"),
}


def test_settings_that_the_server_refuses(server: DatabaseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for query, (stage, hint) in REFUSED.items():
        (attempt,) = attempts(with_parameters(server.url, query))
        assert (failed(attempt), attempt.hint[: len(hint)]) == (stage, hint), attempt
    monkeypatch.setenv("PGOPTIONS", "-c bogus=1")
    (attempt,) = attempts(server.url)
    assert attempt.hint.startswith("Check PGOPTIONS.")


def with_parameters(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{query}"


def test_a_role_that_options_set_is_that_of_every_transaction(server: DatabaseServer) -> None:
    with closing(connection.connect(with_parameters(server.url, "options=-c%20role%3Dpg_monitor"))) as opened:
        assert (connection.user(opened), opened.info.user != "pg_monitor") == ("pg_monitor", True)
        with opened.transaction():
            connection.limit(opened, 5, 5)
            assert opened.execute("select current_user").fetchone() == ("pg_monitor",)
    with closing(connection.connect(with_parameters(server.url, "options=-c%20role%3Dnone"))) as opened:
        assert connection.role_of(opened) == ""


def test_why_a_password_file_is_of_no_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that asks for a password in clear text, and so for one at all."""
    file = tmp_path / "passwords"
    file.write_text("elsewhere:*:*:*:hidden\n", encoding="utf-8")
    told = {}
    for mode in (0o600, 0o644, None):
        file.unlink() if mode is None else file.chmod(mode)
        with listener(b"R\0\0\0\x08\0\0\0\x03") as port:
            (attempt,) = attempts(f"postgresql://x@127.0.0.1:{port}/x?sslmode=disable&passfile={file}")
        assert failed(attempt) is ReachedStage.AUTHENTICATION
        told[mode] = attempt.hint.replace(str(file), "FILE")
    assert told == {
        0o600: f"The password file FILE has no line for this host, port, database and user; {unreachable._OTHERWISE}.",
        0o644: "libpq ignores the password file FILE, as others may read it: run `chmod 600 FILE`.",
        None: f"The password file FILE cannot be read (No such file or directory); {unreachable._OTHERWISE}.",
    }


def test_no_secret_of_a_url_is_told() -> None:
    names = ("password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")
    url = f"postgresql://u@h/d?{'&'.join(f'{name}=hidden' for name in names)}"
    assert public(url) == ("user=u dbname=d host=h", True)
    assert masked("It is hidden.", {"scram_client_key": "hidden"}) == "It is …."


def test_the_page_tells_how_far_it_came_and_ends_with_3(tmp_path: Path) -> None:
    said = call("doctor", "-d", "postgresql://x:hidden@127.0.0.1:1/x", cwd=tmp_path, COLUMNS="80")
    assert said.code == 3
    assert "  ✓ name resolution  127.0.0.1\n  ✗ connection       Connection refused" in said.out
    assert said.err.startswith("error: cannot connect: Connection refused")
    assert "hidden" not in said.out + said.err
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.thorough
def test_tls_and_a_certificate_that_nobody_knows(tmp_path: Path) -> None:
    programs = next((one for one in sorted(SSL.glob("*/bin")) if _has_tls(one)), None)
    if programs is None:
        pytest.skip("no PostgreSQL with TLS is installed here")
    account = server_account()
    with temporary_server(Binaries(programs, programs.parent.name)) as running:
        key, certificate = running.directory / "run" / "k.key", running.directory / "run" / "k.crt"
        new = ["openssl", "req", "-new", "-x509", "-days", "2", "-nodes", "-subj", "/CN=localhost"]
        made = account.run([*new, "-keyout", str(key), "-out", str(certificate)], seconds=30)
        assert made.returncode == 0, made.stderr
        with connect(running.url()) as connection:
            for name, value in (("ssl_cert_file", certificate), ("ssl_key_file", key), ("ssl", "on")):
                connection.execute(f"alter system set {name} = '{value}'".encode())
            connection.execute("select pg_reload_conf()")
        (attempt,) = attempts(f"{running.url()}?sslmode=verify-full&sslrootcert=/nowhere")
        assert failed(attempt) is ReachedStage.TLS
        assert "Check sslrootcert" in attempt.hint
        assert "openssl s_client -starttls postgres" in attempt.commands[0]
        said = call("doctor", "-d", f"{running.url()}?sslmode=require", "-v", cwd=tmp_path)
        assert "The connection uses TLS (TLSv1." in said.out
        rooted = f"{running.url().replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert={TOP}/x"
        assert not attempts(rooted)[0].reached


def _has_tls(programs: Path) -> bool:
    done = subprocess.run([programs / "pg_config", "--configure"], capture_output=True, text=True, check=False)
    return "openssl" in done.stdout


def test_lines_of_libpq_are_sentences_and_nothing_is_said_twice() -> None:
    said = (
        'connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused\n'
        "\tIs the server running on that host and accepting TCP/IP connections?\n"
    )
    error = unreachable.unreachable(said, {})
    assert error.message == 'cannot connect: connection to server at "127.0.0.1", port 1 failed: Connection refused'
    assert error.hint.startswith("Is the server running there, and is the port right?")
    several = unreachable.unreachable(
        "connection to server a failed: timeout expired\nconnection to server b failed: no\n", {}
    )
    assert several.message == (
        "cannot connect: connection to server a failed: timeout expired. connection to server b failed: no"
    )


OF_SERVER = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: '
REFUSED_BY = "The server answered, and refused: check user, password, database, and its limits."
HINTS = {
    'FATAL:  password authentication failed for user "GSSAPI"': "Check user and password",
    'FATAL:  database "timeout expired" does not exist': "Check the name of the database",
    "FATAL:  Datenbank »timeout expired« existiert nicht": REFUSED_BY,
    "FATAL:  Datenbank >>too many<< existiert nicht": REFUSED_BY,
    'ВАЖНО:  база данных "ssl" не существует': REFUSED_BY,
    '致命错误:  数据库 "SSL" 不存在': REFUSED_BY,
    'FATAL:  role "ssl certificate" is not permitted to log in': REFUSED_BY,
    "FATAL:  kein pg_hba.conf-Eintrag für Host »h«, Benutzer »u«": "The server's file pg_hba.conf",
    "SSL error: certificate verify failed": "Check sslmode",
    'server certificate for "GSSAPI" does not match host name "h"': "Check sslmode",
    "timeout expired": "Nothing answered",
}


def test_a_hint_is_for_the_words_and_not_for_a_name_in_them_or_for_another_language() -> None:
    for said, hint in HINTS.items():
        assert unreachable.hint_of(f"{OF_SERVER}{said}\n", {}).startswith(hint), said
    by_socket = 'connection to server on socket "/run/x" failed: FATAL:  nein'
    assert unreachable.hint_of(by_socket, {}) == REFUSED_BY
    no_role = f'{OF_SERVER}FATAL:  role "app" does not exist\n'
    for options, hint in (
        ("-c role=app", "Check options in the URL"),
        ("-c application_name=app", "Check the name of"),
    ):
        assert unreachable.hint_of(no_role, {"options": options}).startswith(hint)
    asked = unreachable.hint_of(f"{OF_SERVER}FATAL:  unbekannter Parameter »x«\n", {"options": "-c x=1"})
    assert asked.endswith("check user, password, database, options in the URL, and its limits.")
    twice = unreachable.unreachable(f"{OF_SERVER}FATAL:  nein\n{OF_SERVER[19:]}FATAL:  nein\n", {})
    assert twice.message == f"cannot connect: {OF_SERVER[19:]}FATAL: nein"


@pytest.mark.thorough
def test_what_a_server_refuses_in_another_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No hint names a wrong cause: the server says all of it in German, before it knows who connects."""
    programs = next((one for one in sorted(SSL.glob("*/bin")) if _speaks_german(one)), None)
    locale = tmp_path / "de_DE.UTF-8"
    if programs is None or shutil.which("localedef") is None:
        lacking("no PostgreSQL that speaks German is installed here")  # the embedded package has no translations
    subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", str(locale)], capture_output=True, check=False)
    if not locale.is_dir():
        lacking("there is no locale of that language here")  # without which a server stays with English
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(0o755)  # the server has another user
    monkeypatch.setenv("LOCPATH", str(tmp_path))
    with temporary_server(Binaries(programs, programs.parent.name), settings={"lc_messages": locale.name}) as running:
        told = {
            change: attempts(psycopg.conninfo.make_conninfo(running.url(), **{name: change}))[0]
            for name, change in (
                ("password", "wrong"),
                ("user", "GSSAPI"),
                ("dbname", "timeout expired"),
                ("options", "-c bogus=1"),
            )
        }
    for change, attempt in told.items():
        assert "FATAL: " in attempt.message, attempt
        assert (
            "existiert nicht" in attempt.message
            or "fehlgeschlagen" in attempt.message
            or "unbekannt" in attempt.message
        )
        asked = ", options in the URL" if change.startswith("-c") else ""
        assert attempt.hint == REFUSED_BY.replace(", and its", f"{asked}, and its")


def _speaks_german(programs: Path) -> bool:
    return Path(f"/usr/share/locale/de/LC_MESSAGES/postgres-{programs.parent.name}.mo").is_file()
