# Needs only Python 3.11 or newer and make. Everything else is installed into .venv from the lock files.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PORT   ?= 8080
SEEDS  ?= 1000
JOBS   ?= 2
KILLS  ?= 200

.DEFAULT_GOAL := help
.PHONY: help demo demo-once test check world mutants reliability bench scale backlog kills torture words browser pictures lock clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

demo: $(VENV)/.run  ## the whole world on this machine, with pages for people; Ctrl-C ends it
	$(BIN)/drempel demo --port $(PORT)

demo-once: $(VENV)/.run  ## the main job once, step by step, without a person
	$(BIN)/drempel demo --once

test: $(VENV)/.dev  ## every test, on SQLite and PostgreSQL, with 120 seeds of the world
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

check: $(VENV)/.dev  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports

world: $(VENV)/.dev  ## more seeds of the seeded world: make world SEEDS=10000
	$(BIN)/python -m tests.simulation.run --seeds $(SEEDS) --jobs $(JOBS)

mutants: $(VENV)/.dev  ## plant faults in a copy of Drempel: the world must catch each
	$(BIN)/python -m tests.simulation.mutants --jobs $(JOBS)

reliability: $(VENV)/.dev  ## 10,000 seeds, death at every await, planted faults: the figures of docs/reliability.md
	$(BIN)/python -m tests.simulation.report --jobs $(JOBS) --write-docs

bench: $(VENV)/.dev  ## speed beside a bare client, in one run
	$(BIN)/python -m bench

scale: $(VENV)/.dev  ## several workers on one PostgreSQL, a million bookings waiting
	$(BIN)/python -m bench.scale

backlog: $(VENV)/.dev  ## 10,000 bookings due at once, five calls a second: who comes first
	$(BIN)/python -m bench.backlog

kills: $(VENV)/.dev  ## 200 kills of real processes under load, and outages: make kills KILLS=20
	$(BIN)/python -m bench.kills --kills $(KILLS)

torture: $(VENV)/.dev  ## what becomes of acknowledged bookings, beside Node-RED if it is installed
	$(BIN)/python -m bench.torture

words: $(VENV)/.dev  ## take new sentences of the pages into the catalogues, and list what is not translated
	$(BIN)/python -m tests.web.words

browser: $(VENV)/.dev  ## the pages in a real browser: needs chromium (Debian: apt-get install chromium)
	$(BIN)/python -m pytest -m browser -n $(JOBS) --dist loadfile tests/browser

pictures: $(VENV)/.dev  ## take the pictures of the docs anew
	DREMPEL_PICTURES=1 $(BIN)/python -m pytest -m browser tests/browser/test_pictures.py

lock:  ## write the lock files anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml build.in -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml build.in --group dev -o requirements-dev.lock

clean:  ## remove what was installed and built
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis bench/out

$(VENV)/.run: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Drempel needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Drempel into $(VENV) (once, about a minute) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
