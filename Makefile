# Everything a newcomer needs: `make run`, `make test`. Python 3.11 or newer is enough; the rest comes from requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SOURCES := shared services tests bench

.PHONY: run demo test test-browser test-kafka test-faults test-year test-node test-image bench bench-quick bench-memory bench-export bench-year lint docs lock clean setup

run: $(READY)  ## start everything, play the sample region, stay up until Ctrl-C; AT=2027-03-02: a simulated year at that date
	$(if $(AT),OVERSTAP_DATA_DIR=$${OVERSTAP_DATA_DIR:-.overstap-year} )$(BIN)/overstap $(if $(AT),simulate --pupils 120 --until $(AT) --stay,up)

demo: $(READY)  ## the same, and end after the summary
	$(BIN)/overstap up --once

test: $(READY)  ## all tests that need Python alone
	$(BIN)/pytest -m "not browser and not kafka and not faults and not node and not image and not year"

test-browser: $(READY)  ## the pages in Debian's Chromium
	$(BIN)/pytest -m browser tests/browser tests/journeys

test-kafka: $(READY)  ## the laws of the transport, and what only a lasting broker can show, on Apache Kafka (Java 17, Maven)
	OVERSTAP_TEST_STACK=apache $(BIN)/pytest tests/integration/transport tests/kafka

test-image: $(READY)  ## the steps of deploy/Dockerfile without Docker, and what they install at work (needs the network)
	$(BIN)/pytest -m image tests/image

test-node: $(READY)  ## the contract, read by the official AsyncAPI parser and the CloudEvents SDK of Node (Node 18+, npm)
	$(BIN)/pytest -m node tests/node tests/journeys

test-faults: $(READY)  ## faults at random moments on Apache Kafka, 20 seeds; SEED=n plays one of them again (Java 17, Maven)
	OVERSTAP_TEST_SEED=$(SEED) $(BIN)/pytest -m faults tests/faults $(if $(SEED),-k seed)

test-year: $(READY)  ## a simulated year to its end, as planned; the same with three workers and kill -9 on Apache Kafka (Java 17, Maven)
	$(BIN)/pytest -m year tests/year

bench: $(READY)  ## measure the road of an event beside the alternatives, on both stacks; writes docs/performance.md
	$(BIN)/python -m bench

bench-quick: $(READY)  ## the same with a few events, to see that it still works; writes nothing that is published
	$(BIN)/python -m bench --quick --to test-results/bench
	$(BIN)/python -m bench year --quick --to test-results/bench
	$(BIN)/python -m bench growth --quick --stack embedded --to test-results/bench

bench-memory: $(READY)  ## memory of every process over a million events; writes docs/performance.md
	$(BIN)/python -m bench memory

bench-export: $(READY)  ## the status export of the national chain, 10,000 and 100,000 rows; writes docs/performance.md
	$(BIN)/python -m bench export

bench-year: $(READY)  ## a school year of a region, and what more pupils cost; writes docs/performance.md
	$(BIN)/python -m bench year
	$(BIN)/python -m bench growth

lint: $(READY)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

docs: $(READY)  ## write the generated documents again
	$(BIN)/python -m shared.docs

setup: $(READY)

# Installed again only when the lock changes, so a second run needs no network. The project itself is put on the path by a
# .pth file: nothing is built.
$(READY): requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "overstap.pth").write_text(str(pathlib.Path.cwd()) + "\n")'
	printf '#!/bin/sh\nexec "$$(dirname "$$0")/python" -m shared.cli "$$@"\n' > $(BIN)/overstap
	chmod +x $(BIN)/overstap
	touch $@

# One resolution for all; what a server needs is a part of it, in the same versions.
COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --quiet

lock:  ## resolve the dependencies again
	$(BIN)/$(COMPILE) --all-extras -o requirements.lock
	$(BIN)/$(COMPILE) --no-annotate --constraint requirements.lock -o deploy/requirements.txt

clean:  ## end what runs here and remove what was made
	-$(BIN)/overstap down
	-OVERSTAP_DATA_DIR=.overstap-year $(BIN)/overstap down
	rm -rf $(VENV) .overstap .overstap-year .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
