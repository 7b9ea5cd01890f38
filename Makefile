.PHONY: help setup demo demo-pr check test bench docs screenshots lock prove-manifests prove-apply prove-devices prove-preview

help:
	@echo "make setup            a virtual environment in .venv with everything"
	@echo "make demo             the main job, end to end, against the local cloud"
	@echo "make demo-pr          a pull request: preview, merge, saved plan, drift, heal, adopt"
	@echo "make check            format, lint, types, import contracts"
	@echo "make test             all tests"
	@echo "make bench            speed and memory, as ratios and growth"
	@echo "make docs             write the generated pages again (docs/cli.md)"
	@echo "make screenshots      take the pictures of docs/reports.md again; needs Chromium"
	@echo "make lock             resolve the exact versions again (requirements.lock)"
	@echo "make prove-manifests DIR=...   import every IoT Edge manifest below DIR and render it back"
	@echo "make prove-apply      kill, crowd, throttle and shuffle applies: every promise, in full"
	@echo "make prove-devices    hold conditions, layers and plans against the emulated hub, in full"
	@echo "make prove-preview    what a pull request is told: hostile texts, and the same plan everywhere"

setup demo demo-pr check test bench docs screenshots lock prove-apply prove-devices prove-preview:
	@.ci/run $@

prove-manifests:
	@DIR="$(DIR)" .ci/run prove-manifests
