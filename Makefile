# One way to run things: `make` says what there is. Nothing here needs more than Debian, Python 3.11 or later and a package index.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input -qq
INSTALL := $(PIP) install --require-hashes
ARGS ?=
CLIENTS := $(patsubst requirements/clients/%.txt,.venv-clients/%/.made,$(wildcard requirements/clients/*.txt))
CODE := src tests bench $(wildcard client docs models)

.PHONY: help serve test clients lint format bench bench-context bench-engine bench-evaluate bench-faults bench-peers bench-tools docs docs-check requirements install clean

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

serve: $(VENV)/.runtime ## install what is missing and start the gateway; ARGS="--port 8800" goes to `parley serve`
	@exec $(VENV)/bin/parley serve $(ARGS)

install: $(VENV)/.test ## make .venv with everything that development needs

test: lint clients ## check style, types and imports, then run every test; ARGS="tests/wire" runs a part
	@$(PY) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

clients: $(CLIENTS) ## make .venv-clients: the services' own clients, each as its users have it, for tests/clients

lint: $(VENV)/.test ## ruff, mypy --strict and the import contract
	@$(VENV)/bin/ruff check $(CODE)
	@$(VENV)/bin/ruff format --check --quiet $(CODE)
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-logo 2>&1 | tail -n 20

format: $(VENV)/.test ## let ruff mend what it can
	@$(VENV)/bin/ruff check --fix $(CODE)
	@$(VENV)/bin/ruff format $(CODE)

bench: $(VENV)/.runtime bench-tools ## measure Parley beside nginx and a bare upstream: two minutes, one table
	@$(PY) -m bench.run $(ARGS)

bench-evaluate: $(VENV)/.runtime ## what judging costs: twenty sentinels on one answer, and a judge behind 500 requests/s
	@$(PY) -m bench.evaluate $(ARGS)

bench-context: $(VENV)/.runtime ## how often answers are found in the docs, and how fast among 10,000 passages
	@$(PY) -m bench.context $(ARGS)

bench-faults: $(VENV)/.runtime ## what routing is worth when upstreams fail; ARGS="--seconds 60"
	@$(PY) -m bench.faults $(ARGS)

bench-peers: $(VENV)/.runtime bench-tools ## the same with LiteLLM, Portkey and TensorZero, installed into ~/.cache/parley-bench
	@bench/peers/install
	@$(PY) -m bench.run --peers $(ARGS)

bench-memory: $(VENV)/.test ## false hits of the cache, recall of retrieval, facts after conversations; ARGS="cache"
	@$(PY) -m bench.memory $(ARGS)

bench-engine: $(VENV)/.test ## measure the engine through Parley beside a bare xllamacpp server: two minutes, one table
	@$(PY) -m bench.engine $(ARGS)

bench-tools:
	@bench/tools

docs: $(VENV)/.test ## write the generated pages of docs/reference anew
	@$(PY) -m docs.generator

docs-check: $(VENV)/.test ## fail when a generated page differs from the program
	@$(PY) -m docs.generator --check

requirements: $(VENV)/.tools ## pin the newest versions that fit requirements/*.in
	@requirements/pin

clean: ## remove what was built; data and configuration stay
	@rm -rf $(VENV) .venv-clients build dist src/*.egg-info client/build client/src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find src client tests bench -name __pycache__ -prune -exec rm -rf {} +

# Stamps: each step runs again only when its list changed, so a second `make serve` starts at once.
$(VENV)/.made:
	@requirements/make-venv $(VENV)
	@touch $@

$(VENV)/.runtime: $(VENV)/.made requirements/runtime.txt pyproject.toml
	@echo "Installing Parley and what it runs on into $(VENV) ..."
	@$(INSTALL) -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime requirements/test.txt client/pyproject.toml
	@echo "Installing what the tests need into $(VENV) ..."
	@$(INSTALL) -r requirements/test.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable client
	@touch $@

# A client has an environment of its own: what it needs is of its time, and rarely what we need.
.venv-clients/%/.made: requirements/clients/%.txt | $(VENV)/.made
	@echo "Installing the client $* into $(@D) ..."
	@$(PY) -m venv --clear --without-pip $(@D)
	@$(PIP) --python $(@D)/bin/python install --require-hashes -r $<
	@touch $@

$(VENV)/.tools: $(VENV)/.made requirements/tools.txt
	@$(INSTALL) -r requirements/tools.txt
	@touch $@
