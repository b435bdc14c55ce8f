# Everything from a plain Python: `make demo`, `make test`. `make help` lists the targets and variables.

PYTHON ?= python3
VENV ?= .venv
TORCH ?= torch==2.13.0
PIP_ARGS ?=
PYTEST_ARGS ?= -q -n 2
CLIP ?= cliff_ext/zoo/demo_clip.mp4
CONFIG ?= configs/video/demo.py
OUT ?= outputs/demo

REQUIREMENTS := setup.py tools/setup_env.sh $(wildcard requirements/*.txt)
export PYTHON TORCH PIP_ARGS

.DEFAULT_GOAL := help
.PHONY: help install demo test lint clean

help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12
	@echo
	@echo 'Variables: PYTHON=$(PYTHON)  VENV=$(VENV)  TORCH="$(TORCH)"  PIP_ARGS="$(PIP_ARGS)"  PYTEST_ARGS="$(PYTEST_ARGS)"'
	@echo 'CPU-only torch:  make demo PIP_ARGS="--extra-index-url URL-OF-THE-CPU-WHEELS"'
	@echo 'other torch:     make demo TORCH="torch==2.8.0"'

$(VENV)/.ready-default: $(REQUIREMENTS)
	@tools/setup_env.sh $(VENV) default
	@touch $@

$(VENV)/.ready-tests: $(VENV)/.ready-default
	@tools/setup_env.sh $(VENV) default,tests
	@touch $@

install: $(VENV)/.ready-default  ## create the virtual environment with the default stack

demo: $(VENV)/.ready-default  ## run the video pipeline on the clip and the weights that ship
	$(VENV)/bin/python tools/inference.py $(CLIP) $(CONFIG) --out-dir $(OUT)
	@echo
	@echo 'Results of the demo:'
	@find $(abspath $(OUT)) -type f \( -name '*.mp4' -o -name '*.npz' \) | sort | sed 's/^/  /'

test: $(VENV)/.ready-tests lint  ## lint and the whole test suite
	OMP_NUM_THREADS=1 $(VENV)/bin/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.ready-tests  ## ruff
	$(VENV)/bin/ruff check .

clean:  ## remove build products, caches and demo outputs (the virtual environment stays)
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .hypothesis outputs/demo
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
