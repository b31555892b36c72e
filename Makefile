.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-real check format lint types layers dependencies coverage bench lock clean

PYTHON ?= python3
BIN := .venv/bin

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/.runtime: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: .venv/.runtime ## make .venv with the command .venv/bin/harvester

demo: .venv/.runtime ## the whole weekly job on the embedded server, into demo/
	$(BIN)/harvester demo demo

run: .venv/.runtime ## the weekly job for real, with config.yaml
	$(BIN)/harvester run

test: .venv/.dev ## run the tests (over the real records too, where ../shared/data is)
	$(BIN)/python -m pytest -q

test-real: .venv/.dev ## only the tests over the real records of ../shared/data
	$(BIN)/python -m pytest -q tests/real

check: .venv/.dev format lint types layers dependencies coverage ## what CI runs: format, lint, types, layers, dependencies, tests

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

# What is slow or reads real records adds a minute and hardly a line; `make test` runs it.
coverage: .venv/.dev ## the tests but the slowest and those over real records, with branch coverage
	$(BIN)/coverage run -m pytest -q -m "not slow and not real"
	$(BIN)/coverage report --fail-under=90

lock: ## pin anew what pyproject.toml asks for (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --all-extras --group build -o requirements.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet --all-extras --group build --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove what the targets made
	rm -rf .venv demo .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
