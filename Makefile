# `make demo` and `make test` need Python 3.11 or later and make, nothing else: each sets up the
# virtual environment in .venv that it uses.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal
EVERYTHING := -m '' --hypothesis-profile=thorough

help:  ## list the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/demos.stamp  ## set up, run the article's examples, train on the digits, draw graphs
	$(BIN)/python demos/forward.py
	$(BIN)/python demos/backward.py
	$(BIN)/python demos/graph.py
	$(BIN)/python -m autograd -c 'goto backward' -c next -c 'until W1[0,0]' -c finish demos/stepping.py
	$(BIN)/python demos/digits.py

gpt: $(VENV)/demos.stamp  ## a GPT, one number at a time: it learns words and makes up its own
	$(BIN)/python demos/gpt.py

distributed: $(VENV)/demos.stamp $(VENV)/jax.stamp  ## train in two processes that share every batch, with JAX
	$(BIN)/python demos/distributed.py

shell: $(VENV)/shell.stamp  ## a Python prompt with everything loaded: debug(y) steps through y
	@$(BIN)/python -m autograd

step: $(VENV)/shell.stamp  ## step through the article's network in the shell
	@$(BIN)/python -m autograd demos/stepping.py

test: $(VENV)/test.stamp  ## set up and run the tests
	$(PYTEST)

test-all: $(VENV)/test.stamp  ## all tests, the slow ones too, with many more examples
	$(PYTEST) $(EVERYTHING)

test-ci: $(VENV)/ci.stamp  ## as test-all, with every extra; skips fail unless a person accepted them
	$(PYTEST) $(EVERYTHING) --no-skips

check: $(VENV)/check.stamp  ## linters, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/bench.stamp  ## the tables of benchmarks, against micrograd, NumPy and PyTorch
	$(BIN)/python benchmarks/eager.py
	$(BIN)/python benchmarks/recording.py
	$(BIN)/python benchmarks/nested.py
	$(BIN)/python benchmarks/compiled.py
	$(BIN)/python benchmarks/compiling.py
	$(BIN)/python benchmarks/small_gpt.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/scaling.py
	$(BIN)/python benchmarks/stepping.py
	$(BIN)/python benchmarks/pictures.py

mutants: $(VENV)/mutants.stamp  ## 300 seeded mistakes in the engine: which of them do the tests find?
	$(BIN)/python benchmarks/mutants.py

accuracy: $(VENV)/test.stamp  ## how many last digits of each derivative are right, against mpmath
	PYTHONPATH=tests/support $(BIN)/python benchmarks/accuracy.py

generate: $(VENV)/check.stamp  ## write the files that follow from the code
	$(BIN)/python docs/generate.py

gallery: $(VENV)/check.stamp  ## write docs/gallery.md and its pictures
	$(BIN)/python docs/gallery.py

clean:  ## remove what the commands made
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/%.stamp: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$*]'
	touch $@

.PHONY: help demo gpt distributed shell step test test-all test-ci check bench mutants accuracy generate gallery clean
