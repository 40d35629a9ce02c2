# Everything a machine with Python 3.11 or later and make needs: `make run`, `make test`. `make help` lists the rest.

PYTHON ?= python3
BIN    := .venv/bin
STAMP  := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup run test test-servers bench bench-ingest bench-duckdb bench-scale bench-quality check lock docs clean

help:            ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: $(STAMP)  ## install everything into .venv/, once

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cxloop needs Python 3.11 or later; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info >= (3, 14))' || \
	  { echo "cxloop runs on Python 3.11 to 3.13 (a library it needs does not go further); '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.13 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "Setting up .venv (once, a minute or two) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup       ## one turn of the loop on the example company
	@$(BIN)/cxloop --project examples/acme run

test: setup      ## the tests that need Python alone
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder --ignore=tests/servers

test-servers: setup .servers/.installed  ## the tests that need Node, Chromium or a Debian server
	@$(BIN)/python -m pytest tests/servers

.servers/.installed: tests/servers/install
	@tests/servers/install

bench: setup     ## time the loop on a million tickets; writes bench.json
	@$(BIN)/python -m benchmarks

bench-ingest: setup .venv-bench/.installed  ## time a source beside dlt on the same pages; writes bench-ingest.json
	@$(BIN)/python -m benchmarks.ingest

bench-duckdb: setup .venv-bench/.installed  ## five break-downs of 1 and 10 million tickets beside DuckDB and pandas; writes bench-duckdb.json
	@$(BIN)/python -m benchmarks.breakdowns

bench-scale: setup  ## every KPI of 1 and 10 million tickets, half an hour and 40 GB of disk; writes bench-every-kpi.json
	@$(BIN)/python -m benchmarks.every_kpi

bench-quality: setup  ## what is learned, measured on the real data that CXLOOP_DATA names; keeps what docs/quality.md prints
	@$(BIN)/python -m benchmarks.quality

.venv-bench/.installed: benchmarks/beside.lock
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r benchmarks/beside.lock
	@touch $@

check: setup     ## what must hold before a commit: format, lint, types, imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports

docs: setup      ## write the generated pages again
	@$(BIN)/python -m cxloop.documents

# Resolves every dependency again, for every platform, and writes requirements.lock: versions and hashes, no address of
# a registry. Run it after changing dependencies in pyproject.toml, then `make test`. The tool has an environment of its own.
lock:            ## resolve dependencies again into requirements.lock
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet --disable-pip-version-check uv; }
	@echo 'setuptools>=77' | .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --all-extras \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  --upgrade --output-file requirements.lock pyproject.toml -
	@cd benchmarks && ../.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade --output-file beside.lock beside.in
	@! grep -nE '://|^--' requirements.lock benchmarks/beside.lock

clean:           ## remove what is made: environments, and what the example has kept
	rm -rf .venv .venv-lock .venv-bench examples/acme/.cxloop examples/acme/out
