# Every target does its own set-up: the only thing that must be there is Python 3.11 or later.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
JOBS ?= 2

.PHONY: demo test lint types bench bench-repair bench-backfill matrix schemas scripts clean

demo: $(READY)
	$(BIN)/sessionaudit demo

test: $(READY) .cache/pgbouncer
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

lint: $(READY)
	$(BIN)/ruff check src tests benchmarks scripts
	$(BIN)/ruff format --check src tests benchmarks scripts

types: $(READY)
	$(BIN)/mypy
	$(BIN)/basedpyright

bench: $(READY)
	$(BIN)/python -m benchmarks.check $(ARGS)

# What clients wait while a million rows are being repaired around them.
bench-repair: $(READY)
	$(BIN)/python -m benchmarks.repair $(ARGS)

# A million sessions of which half lack their request: how fast they are mended, and what clients feel of it.
bench-backfill: $(READY)
	$(BIN)/python -m benchmarks.backfill $(ARGS)

# The suite on every PostgreSQL from 13 to 18 that the npm registry has for this machine.
matrix: $(READY) .cache/pgbouncer
	$(BIN)/python scripts/matrix.py $(ARGS)

# The JSON Schema by which editors complete and check a contract.
schemas: $(READY)
	$(BIN)/python -m sessionaudit.contract.jsonschema > schemas/expected_schema.schema.json

# The script that mends the broken system of the demo.
scripts: $(READY)
	$(BIN)/python scripts/repair_script.py

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[demo]' --group dev
	touch $@

# Tests through a pooler need PgBouncer; where it cannot be had they say so and are left out.
.cache/pgbouncer:
	sh scripts/get-pgbouncer.sh .cache/pgbouncer

clean:
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
