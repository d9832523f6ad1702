# Everything runs in .venv, which is made on the first call; servers for the tests are fetched when missing.
.PHONY: help setup servers test fault pt-osc agreement fuzz check crosscheck format demo example bench docs clean

BIN := .venv/bin
WORKERS ?= 2
PYTEST_ARGS ?=
# The tests start hundreds of processes: each would compile the same modules again.
unexport PYTHONDONTWRITEBYTECODE

help:            ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

setup: .venv/ready   ## make .venv with everything development needs

.venv/ready: pyproject.toml tools/make_env.sh
	@tools/make_env.sh
	@touch $@

servers: setup   ## fetch the database servers and the client programs this machine lacks
	@$(BIN)/python tools/get_servers.py
	@$(BIN)/python tools/get_clients.py

test: servers    ## run all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

fault: servers   ## kill runs, servers and connections everywhere, and recover; spoil backups in every way
	@$(BIN)/python -m pytest -n $(WORKERS) -m slow tests/fault tests/cli tests/cases tests/backup tests/restore tests/lossless tests/property tests/examples tests/runbook $(PYTEST_ARGS)
	@$(BIN)/python -m tests.fault.kill_loop $(KILL_ARGS)
	@$(BIN)/python -m tests.fault.backup_loop $(BACKUP_FAULT_ARGS)

pt-osc: servers  ## try tables changed by pt-online-schema-change, which is fetched
	@LOCKGATE_PT_OSC=$$($(BIN)/python tools/get_pt_osc.py) && export LOCKGATE_PT_OSC && \
	  $(BIN)/python -m pytest -m slow tests/engine/test_mysql_pt_osc.py $(PYTEST_ARGS)

agreement: servers   ## ask every server at hand what each operation locks, do it, and write docs/reference/agreement.md
	@$(BIN)/python -m tests.agreement --write

fuzz: servers    ## long runs of random pairs of schemas (EXAMPLES=200)
	@LOCKGATE_TEST_EXAMPLES=$(or $(EXAMPLES),200) $(BIN)/python -m pytest -n $(WORKERS) tests/property $(PYTEST_ARGS)

check: setup     ## format, lint, types, import rules, docs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mkdocs build --strict --quiet

crosscheck: servers   ## compare the reading of Drizzle projects with the real drizzle-kit (needs Node)
	@$(BIN)/python -m tools.crosscheck

format: setup    ## write the format and the repairs of the linter
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

demo: setup      ## the whole loop on a throw-away SQLite database
	@$(BIN)/lockgate demo

example: setup   ## the procedure of examples/orders on SQLite: to its end, and with a breach that takes itself back
	@$(BIN)/python -m examples.orders

bench: servers   ## measure against the goals in bench/ (STALL_ARGS='--rows 100000' BACKUP_ARGS='--mb 50' is quick)
	@$(BIN)/python -m bench.start
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.drizzle
	@$(BIN)/python -m bench.stall $(STALL_ARGS)
	@$(BIN)/python -m bench.backup $(BACKUP_ARGS)
	@$(BIN)/python -m bench.runbook $(RUNBOOK_ARGS)

docs: setup      ## serve the documentation on loopback
	@$(BIN)/mkdocs serve

clean:           ## remove what was made here
	rm -rf .venv site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
