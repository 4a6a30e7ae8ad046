# Baton on one machine. `make help` says what there is; docs/administrator.md is about servers.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
# One more than there are cores: a test waits for a browser, a device or a server much of its time.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all:
# The tools look at the code, not at an installation (also where `make run` has left one): values no installation has.
CHECKED := BATON_SECRET_KEY=only-for-checks-8f3kq0zv6m1xw9c4r7t2y5u8i1o4p7a0s3d6f9g2h5j8 BATON_DATA_DIR=var/checks BATON_TLS=1

.PHONY: help
help: ## Say what there is to make
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' Makefile | column -t -s '|'

.PHONY: run
run: install ## Start everything on this machine: http://localhost:8000 (PORT=… for another)
	@exec $(BIN)/python -m tools.run --port $(PORT)

.PHONY: demo
demo: install ## One patient of recipe A from order to infusion, through the REST API
	@$(BIN)/python -m tools.demo --address http://127.0.0.1:$(PORT)

.PHONY: test
test: install-dev ## All tests (ARGS="tests/batches -k hold" for some of them)
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(or $(ARGS),--claims)

.PHONY: lint
lint: install-dev ## Everything that judges the code without running it
	@mkdir -p var/checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates
	$(BIN)/mypy .
	$(CHECKED) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(CHECKED) PYTHONWARNINGS=ignore::RuntimeWarning $(BIN)/python manage.py makemigrations --check --dry-run
	$(CHECKED) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file var/openapi.yaml
	$(BIN)/openapi-spec-validator --schema 3.1 var/openapi.yaml

.PHONY: trace
trace: install-dev ## Run the tests and print which requirement is met by which test
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder --quiet --trace-matrix docs/validation/trace.md

# One process: what is timed has the machine to itself.
.PHONY: ux
ux: install-dev ## Run the checks of the operator's screens and write docs/ux/README.md: results and pictures
	@BATON_PICTURES=docs/pictures $(BIN)/pytest tests --numprocesses 1 --dist loadfile --no-loadscope-reorder --quiet --ux-report docs/ux/README.md

.PHONY: bench
bench: install-dev ## Measure the goals of docs/performance.md; writes bench/results.json (READINGS=1000000: less to fill)
	@$(BIN)/python -m bench --readings $(or $(READINGS),100000000)

.PHONY: faults
faults: install-dev ## Kill everything at random under load and compare (KILLS=1000 SEED=1 REPORT=file.md)
	@$(BIN)/python -m tools.faults --kills $(or $(KILLS),1000) --seed $(or $(SEED),1) $(if $(REPORT),--report $(REPORT))

.PHONY: histories
histories: install-dev ## Let two tablets live thousands of histories of the journal (HISTORIES=2000 SEED=1)
	@$(BIN)/pytest tests/pages/histories -n $(WORKERS) --histories $(or $(HISTORIES),2000) --history-seed $(or $(SEED),1)

.PHONY: simulate
simulate: install-dev ## Live thousands of batch lives in engine and model side by side (LIVES=2000 SEED=1 LIFE=17 REPORT=file.md)
	@$(BIN)/pytest tests/simulation -n $(WORKERS) --dist loadgroup --lives $(or $(LIVES),2000) --seed $(or $(SEED),1) \
		$(if $(LIFE),--life $(LIFE)) $(if $(REPORT),--lives-report $(REPORT))

.PHONY: proto
proto: install-dev ## Generate the code for Sparkplug payloads
	@$(BIN)/python -m grpc_tools.protoc --proto_path=. --python_out=. --pyi_out=. equipment/adapters/sparkplug/sparkplug_b.proto

.PHONY: lock
lock: install-dev ## Choose and hash the newest allowed version of every dependency
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --upgrade --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --upgrade --group dev --output-file requirements-dev.lock pyproject.toml

.PHONY: install install-dev
install: $(VENV)/.installed
	@$(BIN)/python tools/system_packages.py run

install-dev: $(VENV)/.installed-dev peers
	@$(BIN)/python tools/system_packages.py run test

# Devices made by others that the adapters are tested with. Without them those tests are skipped, and say so.
.PHONY: peers
peers: $(VENV)/.installed-dev
	@$(BIN)/python tools/system_packages.py peers && $(BIN)/python tools/peers.py \
		|| echo "Without them, the tests of the equipment protocols are skipped." >&2

$(VENV)/.installed: requirements.lock | $(BIN)/python
	@echo "Installing the pinned dependencies into $(VENV) …"
	@$(PIP_INSTALL) --requirement requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing the pinned development tools into $(VENV) …"
	@$(PIP_INSTALL) --requirement requirements-dev.lock
	@touch $@

$(BIN)/python:
	@tools/create_venv $(VENV)
