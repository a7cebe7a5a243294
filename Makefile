# All that anyone must know to run and work on Halftone. Each target sets up what it needs, and is quiet when that is done.
# docs/make.md explains every target.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# The interpreter is the machine's own; caches stay inside the repository.
export UV_PYTHON_DOWNLOADS := never
export UV_CACHE_DIR ?= $(CURDIR)/.tools/cache/uv
export npm_config_cache ?= $(CURDIR)/.tools/cache/npm
export npm_config_update_notifier := false
# A process that compiles all Python that it imports starts four times as slowly: what is compiled is kept, whatever
# the caller's shell says.
unexport PYTHONDONTWRITEBYTECODE
# Loops that Numba compiled, for all that runs from here. Other sources have another folder: Numba does not see that a
# loop of another file has changed.
LOOPS := $(shell grep -rl --include='*.py' njit libs services | LC_ALL=C sort | xargs cat | cksum | cut -d' ' -f1)
export NUMBA_CACHE_DIR ?= $(CURDIR)/.tools/cache/numba/$(LOOPS)

UV := .tools/uv/bin/uv
VENV := .venv/.synced
# CuPy is installed by the targets for GPUs alone: the locked one, or another by its name.
CUPY := cupy-cuda12x
CARD := .venv/.card
MODULES := frontend/node_modules/.installed
BUILD := frontend/dist/.built
# Node and every Python tool come from the virtual environment.
IN := PATH="$(CURDIR)/.venv/bin:$$PATH"
# Folders on PYTHONPATH may hold kinds, reductions and formats (docs/extending.md).
LAUNCHER := $(IN) PYTHONPATH="deploy/embedded$${PYTHONPATH:+:$$PYTHONPATH}" python -m launcher
NPM := cd frontend && PATH="$(CURDIR)/.venv/bin:$$PATH" npm --loglevel=error

WEB_SOURCES := $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -type f -print)
CORES := $(addprefix libs/views/src/halftone_views/,lattice/*.py default_view/*.py plan.py glyph.py reduction.py quantity.py \
	requirements.py receipts/*.py kinds/*.py glyphs/*.py reductions/*.py statistics/*.py transforms/*.py) \
	$(addprefix libs/servicekit/src/halftone_servicekit/,addresses.py backoff.py breaker.py strict_json.py wire_format.py) \
	$(addprefix libs/wire/src/halftone_wire/,pieces.py finishers.py) \
	$(addprefix services/compute-grpc/src/halftone_compute/,index/pair.py index/parts.py index/walk.py index/window.py \
	store/index/*.py store/pyramid/*.py render/axes.py render/cut.py render/job.py render/joining.py render/planner.py render/ranked.py \
	render/read/groups.py) \
	$(addprefix services/gateway-fastapi/src/halftone_gateway/,session/access.py session/delivery.py session/held.py \
	session/pacing.py session/parameters.py session/rate.py session/session.py session/sign_in.py session/view.py \
	compute/router.py compute/discovery/affinity.py compute/discovery/slices.py)
COMMA := ,
SPACE := $(subst ,, )

# Two targets side by side, each printed whole when it ends, unless the caller has said how many. `+`: this is a `make`.
TWO = $(MAKE) $(if $(findstring jobserver,$(MAKEFLAGS)),,--jobs=2 --output-sync=target)
# Python tests wait for processes and files about as long as they compute.
WORKERS := $(shell echo $$(( ($$(nproc 2> /dev/null || echo 2) * 3 + 1) / 2 )))
# End-to-end tests of what is the same on every server: pages, kinds and pixels, how files are read, another edge.
BROWSER_ALONE := access cases explore extending lines marks moving nginx pixels questions reference scales steps wire
# The longest first.
LINTS := lint-types lint-repo lint-web lint-python gen-check lint-proto lint-images

.PHONY: help setup up down sample-land test test-python test-deploy test-web e2e e2e-embedded e2e-cluster lint $(LINTS) \
	gen tools loops images cluster-test gpu-test bench engine-bench gpu-bench docs audit clean

help: ## List the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 14

# ---- setting up

.tools/python: deploy/embedded/bootstrap.sh deploy/embedded/uv.txt
	@deploy/embedded/bootstrap.sh

$(VENV): .tools/python uv.lock pyproject.toml $(wildcard libs/*/pyproject.toml services/*/pyproject.toml)
	@echo "Installing the Python packages ..."
	@UV_PYTHON="$$(cat .tools/python)" $(UV) sync --frozen --quiet
	@touch $@

$(CARD): $(VENV)
	@echo "Installing $(CUPY) ..."
	@$(if $(filter cupy-cuda12x,$(CUPY)),UV_PYTHON="$$(cat .tools/python)" $(UV) sync --frozen --quiet --inexact \
	--package halftone-compute --extra gpu,$(UV) pip install --quiet --python .venv '$(CUPY)')
	@touch $@

$(MODULES): frontend/package-lock.json frontend/package.json | $(VENV)
	@echo "Installing the web packages ..."
	@$(NPM) ci --ignore-scripts --no-audit --no-fund > /dev/null
	@touch $@

$(BUILD): $(MODULES) $(WEB_SOURCES)
	@echo "Building the web app ..."
	@$(NPM) --silent run build > "$(CURDIR)/.tools/web-build.log" 2>&1 || { cat "$(CURDIR)/.tools/web-build.log"; exit 1; }
	@touch $@

setup: $(VENV) $(MODULES) ## Install everything that working on Halftone needs
	@:

# ---- running

up: $(BUILD) ## Run Halftone on this machine (DETACH=1 returns once it is ready)
	@$(LAUNCHER) up $(if $(DETACH),--detach)

down: ## Stop what `make up` started
	@if [ -x .venv/bin/python ]; then $(LAUNCHER) down; fi

sample-land: $(VENV) ## Import the land of the globe, 309,568,712 points, into what `make up` started
	@$(IN) PYTHONPATH=deploy/embedded python -m bench.land

# ---- checking

test: $(MODULES) ## Everything that must pass
	+@$(TWO) lint tools loops
	@$(MAKE) test-python
	+@$(TWO) test-deploy test-web
	@$(MAKE) e2e

test-python: $(MODULES) ## Python tests, with coverage
	@deploy/embedded/servers.sh
	@deploy/embedded/compiler.sh
	@$(IN) pytest -n $(WORKERS) --cov --cov-report= libs services deploy tests/extending
	@echo "The auth service on PostgreSQL:"
	@$(IN) HALFTONE_TEST_DATABASE=postgres pytest -n $(WORKERS) services/auth-django
	@$(IN) coverage report --skip-covered --sort=cover --fail-under=90
	@echo "What the kernels take of a card:"
	@$(IN) PYTHONPATH=services/compute-grpc/tests python -m compute_rig.nvrtc
	@echo "The pure cores, every branch:"
	@$(IN) coverage report --include="$(subst $(SPACE),$(COMMA),$(strip $(CORES)))" --fail-under=100

# What is installed elsewhere, each folder if it is there: these start programs, not the product.
test-deploy: $(BUILD) ## Chart, kustomize, compose, nginx, alerts and dashboards
	@deploy/embedded/servers.sh
	@deploy/nginx/nginx.sh
	@tests/watch/promtool.sh
	@$(IN) pytest -n auto $(wildcard $(addprefix tests/,chart compose edge kustomize tilt watch))

test-web: $(BUILD) ## Web tests, and the size of the built app
	@$(NPM) --silent test
	@$(NPM) --silent run size

e2e: $(BUILD) ## The running product in a real browser, embedded and on the servers of a cluster
	@deploy/embedded/chromium.sh
	@deploy/embedded/servers.sh
	@deploy/nginx/nginx.sh
	+@$(TWO) e2e-embedded e2e-cluster

e2e-embedded: $(BUILD)
	@echo "Embedded:"
	@$(IN) pytest tests/e2e -m e2e

e2e-cluster: $(BUILD)
	@echo "On PostgreSQL, Redis and object storage:"
	@$(IN) HALFTONE_E2E_PROFILE=cluster pytest tests/e2e -m e2e $(BROWSER_ALONE:%=--ignore tests/e2e/test_%.py)

lint: $(MODULES) ## Style, types, imports, schema, limits, docs
	+@$(TWO) $(LINTS)

lint-python: $(VENV)
	@$(IN) ruff check --quiet
	@$(IN) ruff format --check --quiet
	@$(IN) lint-imports
	@git ls-files -coz --exclude-standard | $(IN) xargs -0 codespell

lint-types: $(VENV)
	@$(IN) python -m tests.repo.check_types

lint-web: $(MODULES)
	@$(NPM) --silent run typecheck
	@$(NPM) --silent run lint
	@$(NPM) --silent run format:check

lint-proto: $(MODULES)
	@$(IN) frontend/node_modules/.bin/buf lint proto
	@$(IN) frontend/node_modules/.bin/buf breaking proto --against proto/released.json

lint-repo: $(MODULES)
	@$(IN) pytest -q tests/repo

lint-images: $(VENV)
	@$(IN) hadolint $$(git ls-files -co --exclude-standard '*Dockerfile')

docs: $(VENV) ## Check that the documentation is whole: links, commands, settings, metrics, errors, messages
	@$(IN) pytest -q tests/repo/test_docs.py tests/repo/test_reference.py

# ---- generating

gen: $(MODULES) ## Write what is made from proto/, from the chart and from the code: messages, values, kustomize, pages of docs/
	@$(IN) libs/contracts/generate.sh
	@$(IN) python deploy/helm/generate.py
	@$(IN) python deploy/kustomize/generate.py "$$($(IN) python -m tests.cluster.tools helm)"
	@$(IN) frontend/generate.sh
	@$(IN) python -m docs.generate

gen-check: $(MODULES) ## Fail when regenerating would change anything
	@out=$$(mktemp -d .tools/gen.XXXXXX); trap 'rm -rf "$$out"' EXIT; mkdir "$$out/python" "$$out/web" "$$out/chart" "$$out/docs"; \
	$(IN) libs/contracts/generate.sh "$$out/python"; \
	$(IN) frontend/generate.sh "$$out/web"; \
	diff -r --exclude=__init__.py --exclude=py.typed --exclude=__pycache__ libs/contracts/src "$$out/python" && \
	diff -r frontend/src/gen "$$out/web" || { echo 'The generated messages are not those of proto/: run make gen.'; exit 1; }; \
	$(IN) python deploy/helm/generate.py "$$out/chart"; for file in "$$out"/chart/*; do \
	diff "$$file" "deploy/helm/halftone/$$(basename "$$file")" || { echo "The chart's values are described anew: run make gen."; exit 1; }; done; \
	$(IN) python -m docs.generate "$$out/docs"; (cd "$$out/docs" && find . -name '*.md') | while read -r page; do \
	diff "$$out/docs/$$page" "docs/$$page" || { echo "A page of docs/ is not what the code says: run make gen."; exit 1; }; done

# Without Go, the tests that need one of these say so.
tools: $(VENV)
	@$(IN) python -m tests.cluster.tools helm helm3 kubectl compose-spec versitygw > /dev/null || true

# Each process of the tests would compile them by itself.
loops: $(VENV)
	@$(IN) PYTHONPATH=services/compute-grpc/tests python -m compute_rig.loops

# ---- images

images: $(VENV) ## Build the images, and what each holds into dist/sbom (REGISTRY=… TAG=… PUSH=1)
	@deploy/images/build.sh
	@$(IN) deploy/images/sbom.sh

cluster-test: $(VENV) ## The chart on a real Kubernetes, which is built and started for it
	@$(IN) python -m tests.cluster.run

gpu-test: $(CARD) ## The engine for cards on a real card (CUPY=cupy-cuda13x[ctk]: another CuPy)
	@$(IN) PYTHONPATH=services/compute-grpc/tests python -m compute_rig.nvrtc --all
	@$(IN) python -m bench.gpu --card
	@$(IN) pytest -m gpu services/compute-grpc

# ---- measuring and keeping

bench: $(BUILD) ## Measure against others, and what rest costs; writes bench/out/
	@deploy/embedded/chromium.sh
	@$(IN) PYTHONPATH=deploy/embedded python -m bench.first_light
	@$(IN) PYTHONPATH=deploy/embedded python -m bench.idle
	@UV_PYTHON="$$(cat .tools/python)" $(UV) sync --frozen --quiet --inexact --group bench
	@$(IN) python -m bench.csv_import
	@$(MAKE) engine-bench

engine-bench: $(BUILD) .tools/flexviz ## Measure the engine and what is around it; BENCH_QUICK=1: on few rows
	@deploy/embedded/chromium.sh
	@UV_PYTHON="$$(cat .tools/python)" $(UV) sync --frozen --quiet --inexact --group bench
	@$(IN) PYTHONPATH=deploy/embedded python -m bench.engine

# Where it does not install, the bench says so in its row.
.tools/flexviz: .tools/python bench/peers/flexviz.txt
	@rm -rf $@
	@$(UV) venv --quiet --python "$$(cat .tools/python)" $@
	@VIRTUAL_ENV=$@ $(UV) pip install --quiet --require-hashes -r bench/peers/flexviz.txt || echo "FlexViz does not install."

gpu-bench: $(CARD) ## Measure the engine for cards on a real card; writes bench/out/gpu.json
	@$(IN) python -m bench.gpu

audit: $(MODULES) ## Known weaknesses in the locked packages
	@UV_PYTHON="$$(cat .tools/python)" $(UV) export --frozen --no-emit-workspace --quiet > .tools/requirements.txt
	@$(IN) pip-audit --require-hashes --disable-pip --requirement .tools/requirements.txt
	@$(NPM) audit

clean: ## Remove everything that was installed, built or cached (not the data)
	@rm -rf .venv .tools frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
