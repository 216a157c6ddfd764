# One command each: make demo | test | test-slow | check | bench | lock
# Needs only Python 3.11 or newer, make and a PyPI index. Everything is put into .venv here.

SHELL := /bin/sh
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export UV_PYTHON_DOWNLOADS := never
# The venv's own interpreter is used, whatever environment the caller has activated:
unexport VIRTUAL_ENV
unexport PYTHONPATH
unexport PYTHONHOME

.PHONY: demo test test-slow check format docs screenshots bench lock clean help

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /: /'

demo: $(VENV)/.core ## install, then CLR 131 from structure to a report
	$(BIN)/pdcraft run examples/clr131/study.toml --out out/demo

test: $(VENV)/.dev ## install, then the tests (under 10 minutes on 2 cores)
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(VENV)/.dev ## the rest: statistical, fuzzed, executed docs
	$(BIN)/python -m pytest -m slow -n 2 --dist loadfile

check: $(VENV)/.dev ## format, lint, types, import layers
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/lint-imports
	$(BIN)/pyright

format: $(VENV)/.dev ## rewrite the code in the one format
	$(BIN)/ruff format src tests benchmarks docs
	$(BIN)/ruff check --fix src tests benchmarks docs

docs: $(VENV)/.docs ## the documentation site, in out/docs/index.html
	$(BIN)/python -m sphinx -b html -W --keep-going -q docs out/docs
	@echo "Open out/docs/index.html"

screenshots: $(VENV)/.core ## every example's report, and other pages, as pictures, in out/screenshots (needs Chromium)
	$(BIN)/python docs/screenshots.py out/screenshots

bench: $(VENV)/.dev ## work per second of the engines, beside a peer
	$(BIN)/python -m benchmarks

lock: $(VENV)/.uv ## resolve pyproject.toml anew into requirements/*.txt
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q pyproject.toml --group build -o requirements/core.txt
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q pyproject.toml --group dev -o requirements/dev.txt
	$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q pyproject.toml --group docs -o requirements/docs.txt
	echo uv | $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q - -o requirements/uv.txt

clean: ## remove the environment and what was made
	rm -rf $(VENV) out dist build

$(VENV)/.uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "pdcraft needs Python 3.11 or newer; install it (Debian, Ubuntu: apt install python3 python3-venv) or say which: make demo PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv or pip; install them (Debian, Ubuntu: apt install python3-venv; Fedora: dnf install python3-pip) and run make again"; exit 1; }
	@echo "Installing into $(CURDIR)/$(VENV): about 760 MB (1050 MB with the development tools), a minute on a good line."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.core: $(VENV)/.uv requirements/core.txt pyproject.toml
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/core.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.docs: $(VENV)/.core requirements/docs.txt
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/docs.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.core requirements/dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@
