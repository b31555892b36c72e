.DEFAULT_GOAL := help
.PHONY: help setup demo run dev fix test check format lint types layers dependencies documents names docs train lock clean

PYTHON ?= python3
BIN := .venv/bin

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.runtime: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock requirements-axe.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-axe.lock
	@touch $@

setup: .venv/.runtime ## make .venv with the command .venv/bin/harvester

demo: .venv/.runtime ## the whole weekly job on the embedded server, into demo/
	$(BIN)/harvester demo demo

run: .venv/.runtime ## the weekly job for real, with config.yaml
	$(BIN)/harvester run

dev: .venv/.dev ## everything for work: .venv with the tools; says which tests lack a program
	@$(BIN)/python -c 'import sys, tests.browser; sys.exit(not tests.browser.CHROMIUM)' || { \
	  echo "Without Chromium the browser tests are skipped."; \
	  ! command -v apt-get >/dev/null || echo "It comes with: apt-get install chromium fonts-dejavu-core"; }
	@command -v spamassassin >/dev/null || { \
	  echo "Without SpamAssassin the test of the mail as a filter sees it is skipped."; \
	  ! command -v apt-get >/dev/null || echo "It comes with: apt-get install spamassassin"; }

fix: .venv/.dev ## format, and mend what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# A part of the suite runs in one process; all of it in one per processor, at most four, as each has to collect all tests.
N ?= $(if $(T)$(K),0,auto)
test: .venv/.dev ## run the tests: all, or T=tests/matching, K=doi; in N processes; COVER=1 for coverage
	$(BIN)/python -m pytest -q -n $(N) --maxprocesses 4 --dist worksteal $(if $(COVER),--cov) $(if $(K),-k '$(K)') $(T)

check: format lint types layers dependencies documents names ## what CI holds besides the tests

format: .venv/.dev ## is the code formatted?
	$(BIN)/ruff format --check .

lint: .venv/.dev ## ruff's rules
	$(BIN)/ruff check .

types: .venv/.dev ## mypy, strict
	$(BIN)/mypy

layers: .venv/.dev ## who may import whom
	$(BIN)/lint-imports

dependencies: .venv/.dev ## nothing imported that is not declared, nothing declared that is not imported
	$(BIN)/deptry .

documents: .venv/.dev ## are the generated parts of the documents in step?
	$(BIN)/python -m harvester.cli.documents check

# A test named after the time, an address or a set's order cannot be shared out: the processes would not agree on it.
names: .venv/.dev ## has each test the same name in every process?
	@for seed in 1 2; do \
	  PYTHONHASHSEED=$$seed $(BIN)/python -m pytest -q --collect-only >.venv/names || { cat .venv/names; exit 1; }; \
	  grep :: .venv/names >.venv/names.$$seed; \
	done
	diff .venv/names.1 .venv/names.2

docs: .venv/.dev ## write the generated parts of the documents
	$(BIN)/python -m harvester.cli.documents write

# Extras stay with the names, because older pips do not take `coverage==…` for the `coverage[toml]` that is asked for.
train: .venv/.dev ## learn the weights of the tags anew from labelled abstracts (needs ../shared/data)
	$(BIN)/python benchmarks/train.py

lock: ## pin anew what pyproject.toml asks for (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --quiet --all-extras --group build -o requirements.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --quiet --all-extras --group build --group dev -c requirements.lock -o requirements-dev.lock
	uv pip compile --group axe --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --no-deps -o requirements-axe.lock

clean: ## remove what the targets made
	rm -rf .venv demo .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
