# Everything from a fresh checkout. `make` alone lists what there is.
# A second run starts at once: each step leaves a stamp in .venv and is done again when its requirements change.

PORT ?= 8501
HOST ?= 127.0.0.1
# One more than two cores: tests wait for servers, disks and browsers nearly half of their time.
# Each takes a run of neighbours, so that few build what these share, and takes from another once it has done its own.
JOBS ?= 3
PYTHON ?=
INVOICES ?= 60000
PROCESSES ?=
FIRST_PORT ?= 8511
SIZES ?= 1000000
LINES ?= refresh,positions,kpis,drill,overview,people,growth

venv := .venv
python := $(venv)/bin/python
install := $(python) -m pip install --quiet --disable-pip-version-check
compile := $(python) -m uv --quiet pip compile --universal --python-version 3.11 --custom-compile-command "make lock"
made := $(venv)/.made
runtime := $(venv)/.runtime
development := $(venv)/.development
store := $(venv)/store/.made

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run serve test check style types suite format lock demo bench screenshots hooks browser clean

help: ## List the targets
	@echo "Outstanding: make TARGET"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

run: $(runtime) ## Start the dashboard, with demonstration data if there is none yet (PORT=8501 HOST=127.0.0.1)
	@exec $(python) -m scripts.start --host "$(HOST)" --port "$(PORT)"

serve: $(runtime) ## Start several servers for a proxy to share people out to: docs/serving.md (PROCESSES=2 FIRST_PORT=8511)
	@exec $(python) -m scripts.serve $(if $(PROCESSES),--processes "$(PROCESSES)") --port "$(FIRST_PORT)"

test: style browser ## Check style, then types beside every test (JOBS=3)
	@$(MAKE) --no-print-directory --jobs=2 types suite

check: style types ## Check style, spelling and types only

style: $(development)
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@$(venv)/bin/codespell

types: $(development)
	@$(python) -m pyright

# Compiled files are kept even where the machine asks for none: every worker, and every program that a test starts,
# reads the same modules.
suite: export PYTHONDONTWRITEBYTECODE :=
suite: $(development) $(store)
	@$(python) -m pytest -n "$(JOBS)" --dist worksteal

format: $(development) ## Lay out the code and mend what can be mended
	@$(python) -m ruff check --fix-only --quiet .
	@$(python) -m ruff format .

lock: $(development) ## Pin requirements*.txt anew from requirements*.in
	@$(compile) --upgrade --output-file requirements.txt requirements.in
	@$(compile) --upgrade --output-file requirements-dev.txt requirements-dev.in
	@$(compile) --upgrade --output-file requirements-store.txt requirements-store.in

demo: $(runtime) ## Build the demonstration company at another size and load it (INVOICES=60000)
	@$(python) cli.py demo --invoices "$(INVOICES)"
	@$(python) cli.py refresh

bench: $(development) ## Measure speed and memory beside other engines, for docs/performance.md (SIZES="1000000")
	@$(python) -m benchmarks run --sizes $(SIZES) --lines "$(LINES)" --date "$$(date +%F)"

screenshots: browser ## Take the pictures of README and docs anew
	@$(python) -m scripts.screenshots --shown

hooks: $(development) ## Check each commit before it is made
	@$(python) -m pre_commit install

browser: $(development)
	@$(python) -m scripts.browser

clean: ## Remove the virtual environment and caches; data stays
	@rm -rf $(venv) .pytest_cache .ruff_cache .hypothesis test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(made): scripts/venv.sh
	@sh scripts/venv.sh $(venv) "$(PYTHON)"
	@touch $@

$(runtime): requirements.txt $(made)
	@echo "Installing what Outstanding needs: a minute or two the first time"
	@$(install) -r requirements.txt
	@touch $@

$(development): requirements.txt requirements-dev.txt $(made)
	@echo "Installing what Outstanding and its tests need: a minute or two the first time"
	@$(install) -r requirements.txt -r requirements-dev.txt
	@touch $(runtime) $@

# An object store for the tests, apart from all else: its packages do not agree with ours.
$(store): requirements-store.txt $(made)
	@$(python) -m venv $(venv)/store
	@$(venv)/store/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-store.txt
	@touch $@
