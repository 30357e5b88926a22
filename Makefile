# What people type and what CI calls. `make help` lists it.
SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
PROTOS := $(sort $(wildcard protos/densa/v1/*.proto))
BUF := protos/node_modules/.bin/buf

.PHONY: help demo setup setup-dev protos lint test test-faults test-compose screenshots bench env-example file-tree lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup ## set up, start everything here, classify the samples (ARGS=--exit to stop after the table)
	@exec $(BIN)/densa demo $(ARGS)

setup: ## the serving packages, in .venv
	@deploy/setup-venv serving $(VENV)

setup-dev: ## the above, and what tests, checks and training need
	@deploy/setup-venv dev $(VENV)

protos: setup-dev ## generate the Python stubs from protos/densa/v1
	rm -rf protos/gen/densa/v1/*_pb2*
	$(BIN)/python -m grpc_tools.protoc -I protos --python_out=protos/gen --pyi_out=protos/gen $(PROTOS)
	$(BIN)/python -m grpc_tools.protoc -I protos --grpc_python_out=protos/gen $(filter %_service.proto,$(PROTOS))

# No lock: buf pins its one dependency, the binary of a platform, to its own version.
$(BUF): protos/package.json
	cd protos && npm install --silent --no-package-lock --no-audit --no-fund && touch ../$(BUF)

lint: setup-dev $(BUF) ## format, style, types, arrows between rooms, the contract and its stubs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd protos && node_modules/.bin/buf lint
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/architecture

test: setup-dev ## every test, with real Redis, Celery, ONNX Runtime and gRPC in it
	$(BIN)/python -m pytest $(ARGS)

test-faults: setup-dev ## kill, stop, cut, lose, poison and jump clocks, in full (`make test` does it with fewer images)
	FAULTS_IMAGES=2000 FAULTS_ROUNDS=20 $(BIN)/python -m pytest -m faults tests/faults $(ARGS)

test-compose: setup-dev ## build docker-compose.yml, start it, scale, kill and roll it under load (needs a Docker engine)
	$(BIN)/python -m pytest -m compose tests/compose $(ARGS)

screenshots: setup-dev ## pictures of the page's states in build/screenshots, and the two of the README in docs
	$(BIN)/python -m tests.page_pictures build/screenshots docs

bench: setup-dev ## throughput, latency and CPU per image, as ratios to the same work in one process
	$(BIN)/python -m benchmarks $(ARGS)

env-example: setup-dev ## write .env.example from the settings
	$(BIN)/python deploy/env_example.py > .env.example

file-tree: setup-dev ## write the file tree of README.md
	$(BIN)/python deploy/file_tree.py

lock: ## pin every dependency again (needs uv)
	deploy/lock

clean: ## forget what was built and installed here
	rm -rf $(VENV) build *.egg-info protos/node_modules tests/lis/node_modules tests/axe/node_modules
