"""One applied fleet for all tests of this folder that change it by hand or by fault."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.prove import fleet_before_and_after as fleets
from tests.prove.rig import Rig, rig

SITE = {"role": "gateway", "site": {"floor": 2}}


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("fleet")
    with rig(folder, {}) as made:
        gateways = [
            {"deviceId": f"gw-{number}", "edge": True, "tags": SITE} for number in range(1, 5)
        ]
        made.client.control("POST", "seed", {"devices": gateways})
        made.client.control("POST", "registry/seed", {"repository": "bought", "tag": "1"})
        fleets.write(fleets.before(made.login_server), made.fleet)
        made.commit("Before")
        assert made.run("apply", "--auto-approve").code == 0
        made.keep(folder.with_suffix(".kept"))
        yield made


@pytest.fixture
def applied(kept: Rig) -> Rig:
    """The first state of the fleet, in git and in the cloud."""
    kept.back(kept.root.with_suffix(".kept"))
    fleets.write(fleets.before(kept.login_server), kept.fleet)
    kept.commit("Before")
    return kept


@pytest.fixture
def asked(applied: Rig) -> Rig:
    """The second state is asked for, the first one is in the cloud."""
    fleets.write(fleets.after(applied.login_server), applied.fleet)
    applied.commit("After")
    return applied
