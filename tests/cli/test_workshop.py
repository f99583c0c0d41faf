"""`demo --broken` leaves all that is needed to try, its page says what, and `demo --stop` ends no more than it."""

from __future__ import annotations

import json
import re
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from calls import call, paste
from sessionaudit.contract.loader import load
from sessionaudit.demo import history
from sessionaudit.demo.workshop import page

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    folder = tmp_path_factory.mktemp("here") / "the broken one"
    said = call("demo", "--broken", str(folder), cwd=folder.parent)
    assert said.code == 0, said
    yield folder
    if (folder / "server").exists():
        assert call("demo", "--stop", str(folder), cwd=folder.parent).code == 0


def variables(folder: Path) -> dict[str, str]:
    """What the file `env` sets in a shell."""
    script = '. ./env; printf %s "$DATABASE_URL"'
    done = subprocess.run(["sh", "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    return {"DATABASE_URL": done.stdout}


def test_it_is_whole_and_its_password_is_for_its_owner(workshop: Path) -> None:
    assert sorted(path.name for path in workshop.iterdir()) == [
        "README.md",
        "application",
        "env",
        "expected_schema.yaml",
        "repairs",
        "server",
        "supabase",
    ]
    assert stat.S_IMODE((workshop / "env").stat().st_mode) == 0o600
    contract = load(workshop / "expected_schema.yaml")
    for one in contract.invariants:
        assert one.repair is None or (workshop / one.repair).is_file()
    said = call("check", cwd=workshop, **variables(workshop))
    assert (said.code, "missing-column" in said.out) == (1, True)


def test_each_fault_of_the_migrations_leads_to_what_is_missing(workshop: Path) -> None:
    words = ("check", "--only", "migrations", "--only", "schema", "--format", "json")
    findings = json.loads(call(*words, cwd=workshop, **variables(workshop)).out)["findings"]
    named = {one["fingerprint"]: one for one in findings}
    causes = {
        (one["rule"], cause["rule"], cause["object"])
        for one in findings
        for cause in (named[each] for each in one.get("because", ()))
    }
    assert causes == {
        ("missing-column", "recorded-not-there", 'migration "20251028000000"'),
        ("foreign-key-target", "rejected-migration", 'migration "20251022000002"'),
        ("missing-policy", "rejected-migration", 'migration "20251029000000"'),
        ("missing-grant", "rejected-migration", 'migration "20251029000000"'),
        ("recorded-not-there", "rejected-migration", 'migration "20251029000000"'),
        ("missing-index", "recorded-not-there", 'migration "20251029000000"'),
        ("forbidden-policy", "recorded-not-there", 'migration "20251029000000"'),
        ("missing-publication", "rejected-migration", 'migration "20251030000000"'),
    }


def test_the_whole_story_is_a_tree_that_fits_a_screen(workshop: Path) -> None:
    page = call("check", cwd=workshop, COLUMNS="140", **variables(workshop)).out
    tree, _, rest = page.partition("\n\npublic.")
    assert len(tree.splitlines()) < 50
    assert tree.count("so: ") > 15
    assert page.endswith("Next: sessionaudit repair\nWhat to do by hand: sessionaudit rule blocking-column\n")
    assert "  so: " not in rest


def test_corrected_migrations_make_the_good_system(tmp_path: Path) -> None:
    history.write_broken(tmp_path / "m")
    found = {file.name for file in (tmp_path / "m").iterdir()}
    assert history.EARLY in found
    assert history.LATE not in found
    history.correct(tmp_path / "m")
    assert {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "m").iterdir()} == history.texts()


def test_what_is_there_is_not_written_over(workshop: Path) -> None:
    before = sorted(workshop.iterdir())
    said = call("demo", "--broken", str(workshop), cwd=workshop.parent)
    assert (said.code, "is not empty" in " ".join(said.err.split())) == (2, True)
    assert sorted(workshop.iterdir()) == before
    assert call("demo", "--broken", "x", "--stop", "x", cwd=workshop.parent).code == 2
    assert call("demo", "--keep", "--stop", "x", cwd=workshop.parent).code == 2
    assert call("demo", "--reports", "x", "--stop", "x", cwd=workshop.parent).code == 2


@pytest.mark.parametrize("words", ["", "/", "/tmp", "server", "/proc/1", "x" * 5000])
def test_a_folder_that_is_none_of_ours_stops_nothing(tmp_path: Path, words: str) -> None:
    (tmp_path / "server").write_text(words)
    (tmp_path / "kept").write_text("")
    said = call("demo", "--stop", str(tmp_path), cwd=tmp_path)
    assert said.code == 0
    assert "had already stopped" in said.err
    assert Path("/tmp").is_dir()
    assert (tmp_path / "kept").exists()


@pytest.mark.thorough
def test_what_the_page_says_can_be_done(workshop: Path) -> None:
    given = variables(workshop)
    blocks = re.findall(r"```sh\n(.*?)```", page(), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert lines[0] == ". ./env"
    assert lines[-1] == "sessionaudit demo --stop ."
    for line in lines[1:-1]:
        if line.startswith("psql"):
            (statement,) = re.findall(r"-c '(.*)'$", line)
            with psycopg.connect(given["DATABASE_URL"], autocommit=True) as connection:
                connection.execute(statement.encode())
            continue
        said = paste(line, cwd=workshop, answer="y", **given)
        assert said.code in {0, 1}, (line, said)
    server = Path((workshop / "server").read_text(encoding="utf-8").strip())
    assert paste(lines[-1], cwd=workshop).code == 0
    assert not server.exists()
    assert not (workshop / "env").exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(given["DATABASE_URL"], connect_timeout=2)
    assert paste(lines[-1], cwd=workshop).code == 2, "it was stopped already"
