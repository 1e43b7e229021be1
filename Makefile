# Two commands on a fresh machine: `make submission` and `make test`. `make submission GPU=1` adds CUDA, and
# `SLURM=1` what a Slurm cluster needs. `make benchmark` measures this machine.
SHELL := bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
LOCKS := requirements.lock $(if $(GPU),requirements-gpu.lock) $(if $(SLURM),requirements-slurm.lock)
INSTALLED := .venv/.installed$(if $(GPU),-gpu)$(if $(SLURM),-slurm)
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Images of containers set it. Then each of the many starts of Python would compile all that it imports anew: Keras takes
# 9 CPU seconds instead of 3.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: submission test lint unit workflow smoke benchmark mutants schemas environment lock clean

submission: environment
	@snakemake --cores 1 submission

# Two processes more than cores, since some tests wait. tests/conftest.py says which tests begin, and which take turns.
PYTEST = python -m pytest --numprocesses $$(python -c 'import os; print(os.cpu_count() + 2)') \
    --dist loadgroup --no-loadscope-reorder

test: environment
	TAKE_TURNS=1 $(PYTEST)

lint: environment
	python -m pytest tests/test_linters.py

unit: environment
	$(PYTEST) tests/unit

workflow: environment
	$(PYTEST) tests/workflow

# The benchmarks on the smallest input. It is no part of `make test`, to keep that short.
smoke: environment
	$(PYTEST) tests/benchmarks

# The small changes of a module that its tests do not notice: `make mutants MODULE=training/folds` (CONTRIBUTING.md).
mutants: environment
	python tests/mutants.py $(MODULE) $(TESTS)

# One after the other, since two at a time would measure each other. `make benchmark QUICK=1` shows in a few minutes
# that all of them run; its figures are of inputs too small to say anything.
BENCHMARKS := preprocess loader train_step inference growth scaling catalogue startup
QUICK_preprocess := --images 40 --rounds 1
QUICK_loader := --images 60 --rounds 1 --passes 2 --generator-batches 1
QUICK_train_step := --model SmallCNN --size 64 --images 80 --rounds 1 --steps 3
QUICK_inference := --model SmallCNN --size 64 --images 60 --rounds 1 --predicted 128
QUICK_growth := --images 60 --sizes 100,400
QUICK_scaling := --images 60,120 --size 32 --drawn 40
QUICK_catalogue := --images 2000 --classes 100
QUICK_startup := --rounds 1

benchmark: environment
	@set -e; $(foreach name,$(BENCHMARKS),printf '\n== $(name)\n\n'; \
	    python benchmarks/$(name).py $(if $(QUICK),$(QUICK_$(name)));)

# The JSON schemas, and docs/competition-keys.md, from the models that check the files.
schemas: environment
	python workflow/schemas/write.py

environment: $(INSTALLED)

# What takes longest to compile is imported once, or the processes that begin together would each compile the same. Most
# of the files are never imported: to compile them all takes a CPU minute.
HEAVY := 'import keras' 'import dvc.repo, matplotlib.pyplot, scipy.stats, sklearn.metrics, snakemake.cli'
$(INSTALLED): requirements-uv.lock $(LOCKS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 to 3.13 is needed; this is " + sys.version.split()[0] + ": type make PYTHON=/path/to/python3.11") if not (3, 11) <= sys.version_info[:2] <= (3, 13) else None'
	@echo "Installing the packages of $(LOCKS) into .venv/ (once; about 3 GB, a minute or more)"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-uv.lock
	@.venv/bin/uv pip install --quiet --python .venv --require-hashes $(addprefix --requirement ,$(LOCKS)) \
	    || { echo "uv found no way to the packages: installing them with pip, which knows pip.conf and takes longer"; \
	    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes $(addprefix --requirement ,$(LOCKS)); }
	@.venv/bin/uv pip install --quiet --python .venv --no-deps --no-build-isolation --offline --editable .
	@for part in $(HEAVY); do TF_CPP_MIN_LOG_LEVEL=3 .venv/bin/python -c "$$part" >/dev/null 2>&1 & done; wait
	@touch $@

# Pins every package with its hashes, without the address of any registry.
UV_COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock: environment
	echo uv | $(UV_COMPILE) - --output-file requirements-uv.lock
	$(UV_COMPILE) pyproject.toml --group dev --output-file requirements.lock
	$(UV_COMPILE) pyproject.toml --extra gpu --constraint requirements.lock --output-file requirements-gpu.lock
	printf 'snakemake-executor-plugin-%s\n' slurm slurm-jobstep | $(UV_COMPILE) - --no-deps --output-file requirements-slurm.lock

clean:
	git clean -dfqX data models checkpoints .snakemake
