# Each target makes .venv first, when it is not there or requirements.lock has changed.
# Runs, tables and logs are of the folder that make is called in: `make -f CHECKOUT/Makefile train`.
HERE := $(dir $(lastword $(MAKEFILE_LIST)))
PYTHON ?= python3
BIN := $(HERE).venv/bin
READY := $(HERE).venv/ready-$(shell cd $(HERE) && { cat requirements.lock; pwd; } | cksum | cut -d' ' -f1)
CODE := shared flows notebooks tests
# The extras that requirements.lock has: MLflow and ONNX bring too much that nothing else needs.
LOCKED := cloud fairness openlineage optuna otlp postgres

# The problem that flows and commands work on: a folder, or its name; the flights when left out.
ifdef PROBLEM
export MILLRACE_PROBLEM := $(PROBLEM)
endif
export UV_HTTP_TIMEOUT ?= 180
# The machine's certificates, as pip trusts them.
export UV_SYSTEM_CERTS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo table new check ingest train package review serve score monitor board cards notebook test test-long bench bench-serving \
  bench-alarms bench-board bench-estimates bench-intervals bench-kinds boosters bench-monitoring bench-off-policy \
  bench-recommend bench-scale bench-train bench-wide faults soak rehearse \
  deploy-argo exports reasons lint types format reference lock clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(HERE)Makefile
	@echo "  PROBLEM=…              the problem that it is about: a folder, or its name (flights)"

demo: | $(READY)  ## the whole loop on a real year of flights, in its own folder .demo/
	@$(BIN)/millrace demo

ingest: | $(READY)  ## bring new rows into the table by day, and set bad ones aside
	$(BIN)/python $(HERE)flows/ingest.py run $(ARGS)

# Said before an environment is made.
table:
	@case "$(TABLE)" in ""|s3:*) ;; *) test -e "$(TABLE)" || \
	  { echo "Error: there is no file or folder $(TABLE) (looked in $(CURDIR))" >&2; exit 1; };; esac

new: table | $(READY)  ## make a problem of a table: make new NAME=… TABLE=… (ARGS="--target …")
	@$(BIN)/millrace new "$(NAME)" "$(TABLE)" $(ARGS)

check: | $(READY)  ## say in seconds what of a problem would be refused later
	@$(BIN)/millrace check $(ARGS)

train: | $(READY)  ## train every candidate of the problem, choose one and judge it
	$(BIN)/python $(HERE)flows/train.py run $(ARGS)

package: | $(READY)  ## make a bundle of the latest model that passed, and verify it
	$(BIN)/python $(HERE)flows/package.py run $(ARGS)

review: | $(READY)  ## decide: make review BUNDLE=… DECISION=approve REASON="…" (or reject, rollback, comment)
	$(BIN)/python $(HERE)flows/review.py run --bundle "$(BUNDLE)" --decision "$(DECISION)" --reason "$(REASON)"

serve: | $(READY)  ## answer predictions over HTTP with the champion
	$(BIN)/millrace serve $(ARGS)

score: | $(READY)  ## answer a whole table with the champion
	$(BIN)/python $(HERE)flows/score.py run $(ARGS)

monitor: | $(READY)  ## judge the newest window of what was served
	$(BIN)/python $(HERE)flows/monitor.py run $(ARGS)

board: | $(READY)  ## browse runs, compare and decide in a browser
	@$(BIN)/millrace board $(ARGS)

cards: | $(READY)  ## write the latest runs' cards as pages to open in a browser
	@$(BIN)/millrace cards $(ARGS)

# Where its kernels work, wherever their notebooks lie; and JupyterLab asks to be told that it is run by root.
notebook: export MILLRACE_FOLDER ?= $(CURDIR)
notebook: | $(READY)  ## open JupyterLab on the notebooks (ARGS="--no-browser" prints its address)
	@$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS) \
	  --ServerApp.root_dir=$(or $(HERE),.) --LabApp.news_url=None \
	  --LabApp.default_url=/lab/tree/notebooks/01-read-the-runs.ipynb

# Workers share the cores already: threads of their models would wait for each other.
test: export OMP_NUM_THREADS ?= 1
test: | $(READY)  ## run the tests, but for the long ones
	$(BIN)/python -m pytest $(ARGS)

test-long: export OMP_NUM_THREADS ?= 1
test-long: | $(READY)  ## run the tests that go round the loop once more: other kinds, races, watching
	$(BIN)/python -m pytest -m long $(ARGS)

bench: | $(READY)  ## measure Millrace beside its peers
	$(BIN)/python -m pytest tests/benchmarks --override-ini addopts= -s $(ARGS)

bench-serving: | $(READY)  ## measure serving beside one by hand, MLServer, MLflow, BentoML, an echo (needs wrk)
	$(BIN)/python -m pytest tests/benchmarks/test_serving.py --override-ini addopts= -s -q $(ARGS)

bench-alarms: | $(READY)  ## count false alarms and found faults, on other tables as well
	$(BIN)/python -m pytest tests/benchmarks/test_alarms.py tests/benchmarks/test_other_tables.py --override-ini addopts= -s -q $(ARGS)

bench-kinds: | $(READY)  ## measure what numbers and classes cost beside true and false
	$(BIN)/python -m pytest tests/benchmarks/test_kinds.py --override-ini addopts= -s -q $(ARGS)

bench-board: | $(READY)  ## measure the board's pages over 5,000 runs beside MLflow's
	$(BIN)/python -m pytest tests/benchmarks/test_board.py --override-ini addopts= --timeout 3600 -s -q $(ARGS)

bench-estimates: | $(READY)  ## hold estimates before outcomes against what weeks then said, beside NannyML's
	$(BIN)/python -m pytest tests/benchmarks/test_estimates.py --override-ini addopts= --timeout 3600 -s -q $(ARGS)

bench-intervals: | $(READY)  ## see what share of the outcomes intervals hold, month by month
	$(BIN)/python -m pytest tests/benchmarks/test_intervals.py --override-ini addopts= -s -q $(ARGS)

bench-loops: | $(READY)  ## count false alarms and found loops in a simulated shop, and what remedies do
	$(BIN)/python -m pytest tests/benchmarks/test_feedback.py --override-ini addopts= -s -q $(ARGS)

bench-monitoring: | $(READY)  ## measure a verdict's time and memory beside Evidently's drift preset
	$(BIN)/python -m pytest tests/benchmarks/test_monitoring.py --override-ini addopts= -s -q $(ARGS)

bench-off-policy: | $(READY)  ## estimate from a million impressions beside obp, and choose slates
	$(BIN)/python -m pytest tests/benchmarks/test_off_policy.py --override-ini addopts= -s -q $(ARGS)

bench-recommend: | $(READY)  ## answer slates of 20 out of 1,000 items over HTTP (needs wrk); find them beside implicit
	$(BIN)/python -m pytest tests/benchmarks/test_recommend.py tests/benchmarks/test_top_k.py --override-ini addopts= -s -q $(ARGS)

bench-scale: | $(READY)  ## score and judge 1, 2 and 10 million rows: time and memory
	$(BIN)/python -m pytest tests/benchmarks/test_scale.py --override-ini addopts= -s -q $(ARGS)

bench-train: | $(READY)  ## train on a million rows (TRAIN_MILLIONS=10: ten) beside plain scikit-learn: time and memory
	$(BIN)/python -m pytest tests/benchmarks/test_train_scale.py --override-ini addopts= --timeout 14400 -s -q $(ARGS)

bench-wide: | $(READY)  ## take 50 and 500 columns the whole way: how many times the work
	$(BIN)/python -m pytest tests/benchmarks/test_wide.py --override-ini addopts= -s -q $(ARGS)

boosters: | $(READY)  ## take LightGBM, XGBoost and CatBoost the whole way, each in its own environment
	$(BIN)/python -m pytest tests/apart/test_boosters.py --override-ini addopts= --import-mode=importlib --timeout 1200 -q $(ARGS)

exports: | $(READY)  ## export bundles to MLflow, its registry and ONNX, in environments of their own
	$(BIN)/python -m pytest tests/apart/test_exports.py --override-ini addopts= --import-mode=importlib --timeout 1200 -q $(ARGS)

faults: | $(READY)  ## kill the server ten times, and take its database away for a minute
	FAULT_KILLS=10 FAULT_AWAY_SECONDS=60 \
	  $(BIN)/python -m pytest tests/serving/test_faults.py --override-ini addopts= -s -q $(ARGS)

reasons: | $(READY)  ## hold the reasons for answers against shap's, in an environment of its own
	$(BIN)/python -m pytest tests/apart/test_shap.py --override-ini addopts= --import-mode=importlib --timeout 1200 -q $(ARGS)

soak: | $(READY)  ## attack a server for five minutes, beside an honest load: times, memory, descriptors
	$(BIN)/python -m pytest tests/benchmarks/test_soak.py --override-ini addopts= --timeout 3600 -s -q $(ARGS)

rehearse: | $(READY)  ## run on this machine what a cluster would run, with S3 and Argo's templates
	$(BIN)/python -m pytest tests/rehearsal --override-ini addopts= --timeout 1800 -q $(ARGS)

deploy-argo: | $(READY)  ## create all workflows on Argo: make deploy-argo ARGS="--production"
	@$(BIN)/millrace deploy $(ARGS)

lint: | $(READY)  ## check style and formatting
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: | $(READY)  ## check the types
	$(BIN)/mypy

format: | $(READY)  ## mend style and formatting
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

reference: | $(READY)  ## renew docs/settings.md and docs/commands.md from what they list
	$(BIN)/python -m shared.cli.reference

lock: | $(READY)  ## renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --python-version 3.11 \
	  $(LOCKED:%=--extra %) --group dev --group examples pyproject.toml -o requirements.lock --quiet

clean:  ## remove .venv, the demo's folder and caches; runs and the prediction log stay
	rm -rf $(addprefix $(HERE),.venv .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis)

# Begun anew each time, so that an install cut short is mended by the next `make`.
$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Millrace needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv: install it first (Debian: apt-get install python3-venv)"; exit 1; }
	@echo "Setting up .venv; this takes a minute or two, once."
	@$(PYTHON) -m venv --clear $(HERE).venv
	@cd $(HERE) && awk '/^[^ ]/ {mine = /^uv==/} mine' requirements.lock > .venv/uv.lock
	@uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install -qq --require-hashes -r $(HERE).venv/uv.lock
	@cd $(HERE) && PATH="$$PATH:$$PWD/.venv/bin" && export VIRTUAL_ENV="$$PWD/.venv" && \
	  { uv pip install --quiet --no-deps --compile-bytecode --require-hashes -r requirements.lock 2>/dev/null || \
	    .venv/bin/python -m pip install -qq --no-deps --require-hashes -r requirements.lock; }
	@cd $(HERE) && .venv/bin/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@
