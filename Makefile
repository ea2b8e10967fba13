# Luoshi（落实）. `make run` starts it, `make test` proves it; both set up what they need.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help fonts setup setup-dev run test check e2e bench score assets docs lock messages notices tools

VENV := .venv
PY := $(VENV)/bin/python
# The first Python that is new enough.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENDOR := src/luoshi/ui/static/vendor
CATALOGUES := $(shell find src/luoshi -name '*.po' 2>/dev/null)
# Free faces for official papers, four files of Debian's texlive-lang-chinese, kept outside git.
export LUOSHI_FONTS ?= $(CURDIR)/var/fonts
FANDOL := FandolFang-Regular FandolKai-Regular FandolHei-Regular FandolSong-Bold
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(VENV)/bin/pip-compile --quiet --generate-hashes --no-emit-index-url \
	--no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(PY):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "The venv module is missing: apt-get install python3-venv"; exit 1; }

$(VENV)/.run: requirements/run.txt | $(PY)
	@echo "Installing the locked packages …"
	@$(PIP) --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/.run
	@echo "Installing the locked packages for tests …"
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.luoshi: pyproject.toml $(VENV)/.run
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.catalogues: $(CATALOGUES) scripts/catalogues.py | $(VENV)/.run
	@$(PY) scripts/catalogues.py compile
	@touch $@

setup: $(VENV)/.luoshi $(VENV)/.catalogues ## make .venv with the locked packages and the luoshi command

setup-dev: setup $(VENV)/.dev ## the same, with what the tests need

$(VENDOR)/SHA256SUMS: package-lock.json
	@if ! command -v npm >/dev/null; then echo "Node is not installed: charts will show as tables."; \
	elif ! npm ci --silent --no-fund --no-audit; then echo "npm could not fetch the front-end files: charts will show as tables."; \
	else mkdir -p $(VENDOR) \
	  && cp node_modules/echarts/dist/echarts.min.js $(VENDOR)/ \
	  && cp node_modules/echarts/LICENSE $(VENDOR)/echarts.LICENSE.txt \
	  && cp node_modules/echarts/NOTICE $(VENDOR)/echarts.NOTICE.txt \
	  && (cd $(VENDOR) && sha256sum echarts.* > SHA256SUMS); fi

assets: $(VENDOR)/SHA256SUMS ## copy the front-end files out of node_modules

run: export LUOSHI_DEBUG ?= 1
run: setup assets ## start Luoshi with its demonstration world
	@$(VENV)/bin/luoshi migrate --verbosity 0
	@$(VENV)/bin/luoshi demo
	@exec $(VENV)/bin/luoshi serve $(if $(PORT),--port $(PORT))

check: setup-dev ## style, types, stairs, templates, migrations, catalogues, documents
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@LUOSHI_SECRET_KEY=only-for-types $(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@find src/luoshi -path '*/templates/*.html' -print0 | xargs -0 -r $(VENV)/bin/djade --target-version 5.2 --check
	@d=$$(mktemp -d); trap 'rm -rf "$$d"' EXIT; LUOSHI_DEBUG=1 LUOSHI_STATE=$$d \
	  $(PY) -m django makemigrations --check --dry-run --settings luoshi.config.settings
	@$(PY) scripts/notices.py --check
	@$(PY) -m pytest tests/house -q

# What only the system can bring: installed where that is possible without asking, named in one line where not.
tools:
	@need=(); \
	command -v chromium >/dev/null || need+=(chromium); \
	fc-list 2>/dev/null | grep -q "Noto Sans CJK" || need+=(fonts-noto-cjk fontconfig); \
	fc-list 2>/dev/null | grep -q "Liberation Serif" || need+=(fonts-liberation); \
	ls /usr/lib/libreoffice/program/libswlo.so >/dev/null 2>&1 || need+=(libreoffice-writer-nogui); \
	if [ -z "$${LUOSHI_TEST_DATABASE_URL:-}" ]; then \
	  command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need+=(postgresql); fi; \
	if [ $${#need[@]} -gt 0 ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${need[@]}" >/dev/null; \
	  else echo "Some tests need more: apt-get install $${need[*]}"; fi; fi
	@$(MAKE) --no-print-directory fonts

fonts: ## fetch the free faces of official papers into var/fonts
	@into="$${LUOSHI_FONTS%%,*}"; \
	if [ -e "$$into/FandolFang-Regular.otf" ]; then :; \
	elif ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then \
	  echo "Papers are drawn with Noto: put the Fandol fonts (CTAN, fonts/fandol) into $$into for 仿宋, 楷体, 黑体 and 宋体."; \
	else d=$$(mktemp -d); trap 'rm -rf "$$d"' EXIT; chmod 755 "$$d"; \
	  if (cd "$$d" && { apt-get download -qq texlive-lang-chinese || { apt-get update -qq && \
	      apt-get download -qq texlive-lang-chinese; }; } && dpkg-deb -x texlive-lang-chinese_*.deb x) >/dev/null 2>&1; then \
	    mkdir -p "$$into"; for one in $(FANDOL); do \
	      cp "$$d/x/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/$$one.otf" "$$into/"; done; \
	    zcat "$$d/x/usr/share/doc/texlive-doc/fonts/fandol/COPYING.gz" > "$$into/Fandol-COPYING.txt"; \
	  else echo "The fonts could not be fetched; papers are drawn with Noto."; fi; fi

test: setup-dev assets tools check ## check, the tests on SQLite and on PostgreSQL, the journeys in a browser
	@LUOSHI_TEST_DB=sqlite $(PY) -m pytest -q -n 2 -m "not e2e" --ignore tests/house
	@LUOSHI_TEST_DB=postgres $(PY) -m pytest -q -n 2 -m "not e2e" --ignore tests/house --ignore tests/rules
	@$(MAKE) --no-print-directory e2e

e2e: setup-dev assets tools ## the journeys in a real browser
	@if command -v chromium >/dev/null; then $(PY) -m pytest -q tests/e2e; \
	else echo "No Chromium, no journeys: apt-get install chromium fonts-noto-cjk"; fi

bench: setup-dev tools ## measure against the floors
	@$(PY) -m bench

score: setup-dev ## score the reader against hand-made gold, where samples lie beside the project
	@$(PY) scripts/score.py

docs: setup-dev ## write the generated pages of the documentation
	@LUOSHI_DEBUG=1 $(PY) scripts/docs.py

messages: setup-dev ## collect the sentences of the source into the catalogues
	@$(PY) scripts/catalogues.py update

notices: setup-dev ## write THIRD_PARTY.md
	@$(PY) scripts/notices.py

lock: setup-dev ## resolve the dependencies anew and pin them with their hashes
	@$(COMPILE) -o requirements/run.txt pyproject.toml requirements/build.in
	@$(COMPILE) --extra dev -c requirements/run.txt -o requirements/dev.txt pyproject.toml requirements/build.in
	@if command -v npm >/dev/null; then npm install --package-lock-only --omit-lockfile-registry-resolved --silent; fi
