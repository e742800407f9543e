# graphtwin: `make demo` shows it, `make test` proves it. Each target makes the .venv it needs.
PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: install demo test nightly lint bench docs clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing graphtwin and its tools into .venv (once, a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: install
	@$(BIN)/graphtwin demo

# WORKERS processes play a file of tests each, with databases of their own: most tests wait, few compute. In the order of the
# folders, so that the long ones come first.
test: lint
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: install
	@$(BIN)/ruff check graphtwin tests scripts examples
	@$(BIN)/ruff format --check --quiet graphtwin tests scripts examples
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --config pyproject.toml > .import-check 2>&1 || (cat .import-check; exit 1)
	@rm -f .import-check
	@$(BIN)/python scripts/publish_reference.py --check

# The sizes that a proof names, in pieces that resume where they stopped; results go to reference/proofs.md.
nightly: install
	@$(BIN)/python scripts/nightly.py

bench: install
	@$(BIN)/graphtwin bench all --write reference/benchmarks.md

docs: install
	@$(BIN)/python scripts/publish_reference.py

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build
