# What a developer does here. It needs Python 3.11 to 3.13 and sh; everything else goes into .venv and .local.
# PYTHON=/path/to/python3.12 chooses a Python; ARGS="..." goes to the program that a target runs; WORKERS=1 lets the
# tests run one after another.

PYTHON ?=
ARGS ?=
WORKERS ?= 4
VENV := .venv/bin
UV := .local/uv/bin
COMPILE := $(UV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" $(ARGS)

# Everything here talks to itself over 127.0.0.1, which no proxy can reach.
export no_proxy := 127.0.0.1,localhost,$(or $(no_proxy),$(NO_PROXY))
export NO_PROXY := $(no_proxy)

.DEFAULT_GOAL := help
.PHONY: help install demo serve test check fmt bench fidelity lock schemas clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install: ## Install what the others need; done once, checked each time
	@PYTHON="$(PYTHON)" sh local/python.sh -m local.install

demo: install ## Play the main job and one night; ARGS="--night": the night alone, slowly
	@$(VENV)/python -m local.demo $(ARGS)

serve: install ## Keep the app, the emulator and the simulator running to try things by hand
	@$(VENV)/python -m local.demo --serve $(ARGS)

test: install ## Run the tests; ARGS="tests/local -k azurite" chooses
	@$(VENV)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: install ## Run everything but the tests: ruff, mypy, import-linter
	@sh local/check.sh

fmt: install ## Format the code and put the imports in order
	@$(VENV)/ruff check --quiet --select I --fix . && $(VENV)/ruff format .

bench: install ## Measure what must stay fast
	@$(VENV)/python -m benchmarks $(ARGS)

fidelity: install ## Compare the local host with Azure's own Python runtime
	@$(VENV)/python -m tests.host.fidelity $(ARGS)

lock: install ## Pin the packages of requirements*.in; ARGS=--upgrade takes newer ones
	@test -x $(UV)/uv || { $(VENV)/python -m venv .local/uv && $(UV)/pip install --quiet uv; }
	@$(COMPILE) requirements.in --output-file requirements.txt
	@$(COMPILE) --constraints requirements.txt requirements-dev.in --output-file requirements-dev.txt
	@$(COMPILE) local/node/requirements.in --output-file local/node/requirements.txt

schemas: install ## Take GitHub's published schemas anew; ARGS="--version latest" takes newer ones
	@$(VENV)/python -m local.github.schemas $(ARGS)

clean: ## Remove what the other targets made
	@rm -rf .venv .local .mypy_cache .ruff_cache .hypothesis .import_linter_cache .pytest_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
