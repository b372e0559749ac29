# Everything a newcomer needs: `make demo` or `make test` on a machine with Python 3.11 or later. `make help` lists more.
# Kept to what GNU Make 3.81 knows, which macOS still ships.

PYTHON ?= python3
# uv is several times faster than pip and does the same here; `make UV= …` keeps to pip.
UV := $(shell command -v uv 2>/dev/null)
# Handed to pytest: make test PYTEST='-k digest'
PYTEST ?=
# Processes that test; one more than there are processors, since tests wait for servers and delays.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(1 + min(os.cpu_count() or 1, 7))')
# Handed to the benchmarks: make bench BENCH='speed --stories 500'
BENCH ?=
# Handed to uv by `make lock`: make lock LOCK=--upgrade
LOCK ?=

IN := .venv/bin
ifeq ($(UV),)
TOOL := pip
INSTALL := $(IN)/python -m pip install --disable-pip-version-check --no-input --no-deps
QUIET := -qq
else
TOOL := uv
INSTALL := "$(UV)" pip install --python $(IN)/python --compile-bytecode --no-deps
QUIET := -q
endif
# Silent when all goes well; what does not is tried again, aloud.
install = $(INSTALL) $(QUIET) $(1) || $(INSTALL) $(1)

# An environment is of no use if its making was interrupted, if its folder was moved (scripts in it hold absolute
# paths), or if its Python has gone: then it is made from nothing.
STALE := $(shell test ! -d .venv || { test ! -e .venv/.unfinished && $(IN)/python -c '' \
	&& { test ! -e .venv/.place || test "$$(cat .venv/.place)" = "$$(pwd -P)"; }; } 2>/dev/null || echo stale)

PACKAGES = app core crawler notify pipelines replica storage

.PHONY: compiled help demo test check audit fix lint types imports packaging gate soak bench pictures lock image image-test clean stale
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 \	/p' Makefile | expand -t 20

demo: compiled ## tonle at work on a local replica of the sites, without internet
	@$(IN)/tonle demo

# What pytest makes of the tests' modules is kept for the processes that share the work, and for the next time.
test: .venv/.dev compiled ## the whole test suite
	@echo "tonle: soak tests are left out (make soak); others that cannot run here are listed below"
	@PYTHONDONTWRITEBYTECODE= $(IN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST)

# -k: one run tells all that is wrong.
check: .venv/.dev ## linter, formatter, types, import rules, lock files and licences
	@$(MAKE) --no-print-directory -k lint types imports packaging

fix: .venv/.dev ## repair what the linter and the formatter can
	@$(IN)/ruff check --fix
	@$(IN)/ruff format

lint: .venv/.dev
	@$(IN)/ruff check
	@$(IN)/ruff format --check

types: .venv/.dev
	@$(IN)/mypy

imports: .venv/.dev
	@$(IN)/lint-imports --no-logo

packaging: .venv/.dev
	@$(IN)/pytest -q tests/gates/test_packaging.py

# Fetched for this once: what it needs is not what tonle's tests need. --strict: a package that nobody could tell of is
# not passed over in silence.
audit: ## known holes in the packages of the lock files (asks the network)
	@there=$$(mktemp -d); trap 'rm -rf "$$there"' EXIT; $(PYTHON) -m venv "$$there" && \
	"$$there/bin/python" -m pip install -q --disable-pip-version-check pip-audit && \
	"$$there/bin/pip-audit" --strict --disable-pip --require-hashes -r requirements.lock -r requirements-dev.lock || { \
		echo "tonle: a package has a hole, or the lists of holes gave no answer (they are asked over the network)" >&2; \
		exit 1; }

gate: .venv/.dev ## the quality floors, with their figures
	@$(IN)/pytest tests/gates -q -s $(PYTEST)

soak: .venv/.dev compiled ## long runs that look for leaks and lost work
	@$(IN)/pytest -m soak -s $(PYTEST)

bench: .venv/.dev compiled ## speed and memory of crawls, measured (a quarter of an hour)
	@$(IN)/python -m tests.bench $(BENCH)

pictures: .venv/.runtime ## the pictures of the README, from the real output (needs Chromium)
	@$(IN)/python docs/pictures/make.py

# The locks hold for every platform and Python from 3.11 on, and name no host: each user's own index is asked.
COMPILE = "$$uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --group build $(LOCK) pyproject.toml

lock: ## the lock files anew from pyproject.toml; with LOCK=--upgrade the newest releases
	@set -e; uv="$(UV)"; \
	if [ -z "$$uv" ]; then \
		echo "tonle: fetching uv for this once"; \
		there=$$(mktemp -d); trap 'rm -rf "$$there"' EXIT; \
		$(PYTHON) -m venv "$$there"; "$$there/bin/python" -m pip install -q --disable-pip-version-check uv; \
		uv="$$there/bin/uv"; \
	fi; \
	echo "tonle: requirements.lock"; $(COMPILE) -o requirements.lock; \
	echo "tonle: requirements-dev.lock"; $(COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock

# A client may be there without its engine: the one that answers is taken. buildah forgets the health check in the
# format that is its own. make image BASE=… names another base; IMAGE_OPTIONS is handed to the builder as it is.
REVISION = $(shell git rev-parse --short HEAD 2>/dev/null)
IMAGE_ARGS = $(if $(BASE),--build-arg BASE="$(BASE)") $(if $(REVISION),--build-arg REVISION=$(REVISION)) $(IMAGE_OPTIONS)
image: ## the container image, with docker, podman or buildah
	@for engine in docker podman buildah; do \
		if $$engine info >/dev/null 2>&1; then \
			if [ $$engine != docker ]; then format="--format docker"; fi; \
			exec $$engine build $$format $(IMAGE_ARGS) -t tonle .; \
		fi; \
	done; echo "tonle: neither docker nor podman nor buildah answers on this machine" >&2; exit 1

image-test: image .venv/.dev ## the image tried out: a daemon in it, against the replica (with buildah as root)
	@IMAGE=tonle $(IN)/pytest -m soak -s tests/e2e/test_image.py $(PYTEST)

clean: ## away with all that make made (a corpus in data/ stays)
	rm -rf .venv build *.egg-info demo-data .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp is set when everything before it went well; .unfinished stands until then.
.venv/.runtime: requirements.lock pyproject.toml $(STALE)
	@$(if $(STALE),rm -rf .venv)
	@test -d .venv || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "tonle: Python 3.11 or later is needed, and $(PYTHON) is $$($(PYTHON) --version 2>&1 | head -n 1);" \
		"name another: make PYTHON=python3.13 …" >&2; exit 1; }
	@test -d .venv || { \
		echo "tonle: making .venv with $$($(PYTHON) --version)"; \
		mkdir .venv && touch .venv/.unfinished && $(PYTHON) -m venv .venv && pwd -P > .venv/.place; }
	@touch .venv/.unfinished
	@echo "tonle: installing what it needs with $(TOOL) (the first time this takes up to a minute)"
	@$(call install,--require-hashes -r requirements.lock)
	@$(call install,--no-build-isolation -e .)
	@rm .venv/.unfinished
	@touch $@

# Done here because not everybody lets Python do it: a command takes a tenth of a second longer without.
compiled: .venv/.runtime
	@$(IN)/python -m compileall -q $(PACKAGES)

# After .runtime and never beside it: two installers in one environment trip over each other under make -j.
.venv/.dev: .venv/.runtime requirements-dev.lock
	@touch .venv/.unfinished
	@echo "tonle: installing the tools of its tests with $(TOOL)"
	@$(call install,--require-hashes -r requirements-dev.lock)
	@rm .venv/.unfinished
	@touch $@
