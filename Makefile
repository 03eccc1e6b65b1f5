# Each target prepares what it needs (Python ≥ 3.11 with venv is enough to begin).

PORT ?= 8000
# Of `make test`: two have the cores while the others wait for a browser or a worker.
# A Redis from outside is emptied between tests, so one process uses it.
PROCESSES ?= $(if $(TEST_REDIS_URL),0,4)
PYTHON_DIR := .venv/bin
PY := $(PYTHON_DIR)/python
SANDBOX := @sh requirements/install.sh sandbox
DEV := @sh requirements/install.sh dev
TEMPLATES = $$(find templates */templates -name '*.html' 2>/dev/null)
SOURCES = $$(find manage.py */ -name '*.py' -not -path '*/migrations/*' -not -path '*/node_modules/*')
UPGRADE := $(PYTHON_DIR)/django-upgrade --target-version 5.2
# With extras named: pip holds `pkg[extra]` and `pkg` for two things, and wants a hash of either.
COMPILE = $(PY) -m uv pip compile --universal --generate-hashes --no-strip-extras --quiet -p 3.11 \
	--custom-compile-command "make lock" pyproject.toml

.PHONY: help run test test-deep bench bench-search check fmt lock

help:
	@echo "make run         le site complet sur http://127.0.0.1:$(PORT) (make run PORT=8123)"
	@echo "make test        tous les tests ; make test-deep : ce qui prend plus longtemps"
	@echo "make bench       une ruée de dons et la vitesse des pages (dix minutes, machine au repos)"
	@echo "make bench-search  la recherche, sur 17 millions de mots (dix minutes)"
	@echo "make check       style, types, imports, migrations, réglages de production"
	@echo "make fmt         met le code en forme"
	@echo "make lock        refait les listes de requirements/ depuis pyproject.toml"

run:
	$(SANDBOX)
	@exec $(PY) -m sandbox.supervisor --port "$(PORT)" --stop-with-parent

test:
	$(DEV)
	$(PY) -m pytest -m "not deep" -n $(PROCESSES)

test-deep:
	$(DEV)
	$(PY) -m pytest -m deep

bench:
	$(DEV)
	$(PY) -m bench.webhook_load
	$(PY) -m bench.pages

bench-search:
	$(DEV)
	$(PY) -m bench.search

check:
	$(DEV)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(UPGRADE) --check $(SOURCES)
	$(PYTHON_DIR)/djade --target-version 5.2 --check $(TEMPLATES)
	$(PY) -m djlint --quiet --lint $(TEMPLATES)
	$(PY) -m mypy .
	$(PY) $(PYTHON_DIR)/lint-imports
	sh deploy/manage-as-example.sh makemigrations --check --dry-run
	sh deploy/manage-as-example.sh check --deploy --fail-level WARNING

fmt:
	$(DEV)
	$(UPGRADE) --exit-zero-even-if-changed $(SOURCES)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	$(PYTHON_DIR)/djade --target-version 5.2 $(TEMPLATES)

lock:
	$(DEV)
	$(COMPILE) --extra sandbox --extra dev --output-file requirements/dev.txt
	$(COMPILE) --extra sandbox --constraint requirements/dev.txt --output-file requirements/sandbox.txt
	$(COMPILE) --constraint requirements/dev.txt --output-file requirements/base.txt
