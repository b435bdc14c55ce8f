# Two commands for newcomers: `make demo` runs the whole pipeline on what ships, `make test` lints and runs the tests.
# Both set up everything in .venv first. For another build of torch: make demo TORCH="torch" PIP_ARGS="--index-url …".

PYTHON ?= python3
TORCH ?= torch==2.13.0
PIP_ARGS ?=
VENV := .venv
RUN := $(VENV)/bin/python
CLIP := cliff_ext/zoo/demo_clip.mp4
OUT := outputs/demo

.PHONY: help demo test lint clean
help:  ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

$(VENV)/.installed: setup.py tools/setup_env.sh requirements/runtime.txt requirements/default.txt requirements/nodeps.txt
	@PYTHON="$(PYTHON)" TORCH="$(TORCH)" PIP_ARGS="$(PIP_ARGS)" tools/setup_env.sh $(VENV)
	@touch $@

$(VENV)/.tests: $(VENV)/.installed requirements/tests.txt
	@$(RUN) -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -r requirements/tests.txt
	@touch $@

demo: $(VENV)/.installed  ## film to SMPL people with all that ships; prints where the results lie
	$(RUN) tools/inference.py $(CLIP) --out-dir $(OUT)

lint: $(VENV)/.tests  ## ruff
	$(RUN) -m ruff check .

test: lint  ## lint and the whole test suite
	$(RUN) -m pytest -n 2 -q

clean:  ## remove the environments and outputs
	rm -rf .venv* outputs work_dirs
