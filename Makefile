# nadir: the two commands of a fresh machine are `make demo` and `make test`; both set themselves up in .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test test-all lint bench docs lock clean

demo: $(READY)
	@$(BIN)/nadir demo

test: $(READY) lint
	$(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not slow"

test-all: $(READY) lint
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/dg check defs

bench: $(READY)
	$(BIN)/python -m benchmarks

# Renews the generated pages below docs/ (criteria, data dictionary, quality rules).
docs: $(READY)
	$(BIN)/python -m docs.generate

# Everything is installed from constraints.txt, whose hashes pip checks; then this checkout on top of it.
$(READY): constraints.txt pyproject.toml
	@echo "Setting up .venv (once; a few minutes on a first run)"
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11) and "nadir needs Python 3.11 or newer")'
	@"$(PYTHON)" -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# Renews constraints.txt; DuckDB stays on the 1.5 line, for which extension wheels exist.
lock: $(READY)
	echo "duckdb==1.5.5" | $(BIN)/uv pip compile pyproject.toml - --extra dashboard --extra demo --extra dev --extra ocr --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o constraints.txt

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
