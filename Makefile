.PHONY: help setup demo check test bench docs lock prove-manifests prove-apply prove-devices

help:
	@echo "make setup            a virtual environment in .venv with everything"
	@echo "make demo             the main job, end to end, against the local cloud"
	@echo "make check            format, lint, types, import contracts"
	@echo "make test             all tests"
	@echo "make bench            speed and memory, as ratios and growth"
	@echo "make docs             write the generated pages again (docs/cli.md)"
	@echo "make lock             resolve the exact versions again (requirements.lock)"
	@echo "make prove-manifests DIR=...   import every IoT Edge manifest below DIR and render it back"
	@echo "make prove-apply      kill, crowd, throttle and shuffle applies: every promise, in full"
	@echo "make prove-devices    hold conditions, layers and plans against the emulated hub, in full"

setup demo check test bench docs lock prove-apply prove-devices:
	@.ci/run $@

prove-manifests:
	@DIR="$(DIR)" .ci/run prove-manifests
