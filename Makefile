# `make` runs the main job on the bundled recording; `make test` runs everything that CI runs.
PYTHON ?= python3
VENV := .venv
TOOLS := .venv-tools
SPARK := .venv-spark
PIP := install --quiet --disable-pip-version-check --require-hashes --no-deps

.DEFAULT_GOAL := all
.PHONY: all install browser test lint format live kills docs picture java spark lock clean

all: install
	@$(VENV)/bin/benchmart all --offline

install: $(VENV)/.installed

# Every version is locked, so nothing is resolved here and nothing is installed twice.
$(VENV)/.installed: requirements.txt pyproject.toml
	@echo "Installing the locked requirements into $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit("benchmart needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip $(PIP) -r requirements.txt
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(TOOLS)/.installed: requirements-tools.txt
	@echo "Installing the linters into $(TOOLS) ..."
	@$(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/pip $(PIP) -r requirements-tools.txt
	@touch $@

test: install browser lint
	@$(VENV)/bin/pytest

# What the tests of the pages drive; without one they are skipped, and say so.
browser:
	@scripts/browser.sh

lint: install $(TOOLS)/.installed
	@$(TOOLS)/bin/ruff check .
	@$(TOOLS)/bin/ruff format --check .
	@$(TOOLS)/bin/mypy --python-executable $(VENV)/bin/python
	@$(VENV)/bin/sqlfluff lint --processes 2 models tests/warehouse
	@$(TOOLS)/bin/shellcheck scripts/*.sh .ci/run

format: install $(TOOLS)/.installed
	@$(TOOLS)/bin/ruff check --fix .
	@$(TOOLS)/bin/ruff format .
	@$(VENV)/bin/sqlfluff fix models tests/warehouse

# Asks the real sources whether they keep their promises; nothing of it is part of the tests.
live: install
	@$(VENV)/bin/benchmart verify-sources

# Kills 48 whole runs at random moments: a quarter of an hour.
kills: install
	@BENCHMART_KILLS=48 $(VENV)/bin/pytest -n0 -q tests/faults/test_kill.py

# The lineage site of dbt, one page beside the others: out/site/lineage.html.
docs: all
	@$(VENV)/bin/dbt --quiet docs generate --static
	@$(VENV)/bin/python -m site_builder.lineage

# The README's picture, from a real browser.
picture: all
	@$(VENV)/bin/python docs/picture.py

# The score models on Spark instead of DuckDB, and whether every score is the same: some minutes, and 700 MB once.
spark: java all $(SPARK)/.installed
	@$(SPARK)/bin/python scripts/spark.py

java:
	@scripts/java.sh

$(SPARK)/.installed: requirements-spark.txt
	@echo "Installing Spark into $(SPARK) ..."
	@$(PYTHON) -m venv $(SPARK)
	@$(SPARK)/bin/pip $(PIP) -r requirements-spark.txt
	@touch $@

# Needs uv; asks the package index for newer versions within requirements*.in.
lock:
	uv pip compile requirements.in --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file requirements.txt
	uv pip compile requirements-tools.in --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file requirements-tools.txt
	uv pip compile requirements-spark.in --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --output-file requirements-spark.txt

# Keeps cache/, which only the network could make again.
clean:
	rm -rf build out target warehouse logs
