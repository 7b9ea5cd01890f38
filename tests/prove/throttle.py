"""Ninety bases are replaced on a hub that takes twenty calls for configurations a minute.

On a simulated clock: what waits moves it, nothing else does. Then with one slot left, and none.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from reconciler.cli import main
from reconciler.cli.clock import Clock
from reconciler.cli.exits import Exit
from reconciler.cli.local import FOLDER
from reconciler.cli.settings import Settings
from reconciler.emulator import hub
from reconciler.emulator.clock import ManualClock
from reconciler.emulator.server import Running, running
from reconciler.emulator.settings import Settings as Behaviour
from tests.emulator.client import Client
from tests.prove.scene import ENVIRONMENT, SERVER, Checkout, Spec, base, foreign
from tests.prove.verdict import Verdict

NAME = "throttle"
BASES = 90
RATE = 20
"""Calls for configurations a minute, and as many at once at first."""
LIMIT = 100
TOLERANCE = 1.05
START = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)
STILL = Behaviour(tick_seconds=0)


@dataclass(frozen=True)
class Site:
    """A fleet of bases, and its hub on a simulated clock."""

    checkout: Checkout
    emulator: Running
    clock: ManualClock
    client: Client
    bases: int

    def want(self, version: int) -> None:
        self.checkout.write(dict(_documents(self.bases, version)))
        self.checkout.commit(f"Version {version}")

    def apply(self) -> tuple[int, str]:
        """In this process: its clock is ours."""

        def now() -> float:
            return self.clock.now().timestamp()

        settings = Settings(
            {},
            self.checkout.path,
            color=False,
            terminal=False,
            github_output=None,
            clock=Clock(now, now, self.clock.advance),
        )
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = main(["apply", "--env", "local", "--auto-approve"], settings)
        return code, said.getvalue()

    def served(self) -> Mapping[str, int]:
        """How often each operation was asked for, refused calls too."""
        summary = self.emulator.context.requests.summary()
        return {row["operation"]: row["count"] for row in summary["served"]}

    def plant(self, count: int) -> None:
        with self.emulator.context.store.transaction() as db:
            there = db.execute("SELECT count(*) FROM hub_configuration").fetchone()[0]
            for number in range(there, there + count):
                foreign(db, f"theirs-{number}", self.clock.now())

    def versions(self) -> set[str]:
        """The images that the configurations of ours name."""
        rows = self.emulator.context.store.snapshot()["hub_configuration"]
        return {row["content"].partition(f"{SERVER}/sensor:")[2][:1] for row in rows} - {""}


def proved(folder: Path, bases: int = BASES, tolerance: float = TOLERANCE) -> Verdict:
    with _site(folder / "site", bases) as site:
        tried, said, figures = _at_the_rate(site, tolerance)
        site.plant(LIMIT - 1 - bases)
        violations = [*said, *_with_one_slot(site)]
        site.plant(1)
        violations += _with_none(site)
        violations += site.emulator.context.requests.summary()["crashes"]
    return Verdict(NAME, tried, tuple(violations), figures)


def _at_the_rate(site: Site, tolerance: float) -> tuple[int, list[str], str]:
    site.client.control("POST", "hub", {"throttles": True, "units": 1})
    site.clock.advance(3600)
    site.emulator.context.requests.clear()
    site.want(2)
    began = site.clock.now()
    code, said = site.apply()
    took = (site.clock.now() - began).total_seconds()
    fewest = 2 * site.bases
    least = max(0, fewest - RATE) / RATE * 60
    served = site.served()
    writes = served["CreateOrUpdateConfiguration"] + served["DeleteConfiguration"]
    violations = _unless(f"it ended with {code}: {said}", holds=code == Exit.OK)
    violations += _unless(f"{writes} writes instead of {fewest}", holds=writes == fewest)
    violations += _unless(
        f"it took {took:.0f} s, and {least:.0f} s is the least", holds=took <= least * tolerance
    )
    violations += _unless(f"it left versions {site.versions()}", holds=site.versions() == {"2"})
    reads = served["GetConfigurations"] + served.get("GetConfiguration", 0)
    share = f" = {took / least:.3f}" if least else ""
    return writes, violations, f"{took:.0f} s of at least {least:.0f}{share}; {reads} reads"


def _with_one_slot(site: Site) -> list[str]:
    site.clock.advance(3600)
    site.want(3)
    code, said = site.apply()
    return [
        *_unless(f"with one slot left it ended with {code}: {said}", holds=code == Exit.OK),
        *_unless(f"with one slot left it left {site.versions()}", holds=site.versions() == {"3"}),
    ]


def _with_none(site: Site) -> list[str]:
    site.clock.advance(3600)
    site.want(4)
    site.emulator.context.requests.clear()
    code, said = site.apply()
    writes = site.emulator.context.requests.summary()["writes"]
    return [
        *_unless(f"with no slot left it ended with {code}: {said}", holds=code == Exit.REFUSED),
        *_unless(f"with no slot left it did not say why: {said}", holds="guard.capacity" in said),
        *_unless(f"with no slot left it sent {writes} writes", holds=writes == 0),
    ]


def _unless(said: str, *, holds: bool) -> list[str]:
    return [] if holds else [said]


@contextmanager
def _site(folder: Path, bases: int) -> Iterator[Site]:
    checkout = Checkout(folder)
    checkout.begin()
    clock = ManualClock(START)
    with ExitStack() as stack:
        emulator = stack.enter_context(running(checkout.fleet / FOLDER, STILL, clock))
        emulator.context.watchers.append(lambda: hub.tick(emulator.context))
        client = stack.enter_context(closing(Client(emulator.connection)))
        devices = [{"deviceId": f"gw-{n}", "edge": True, "tags": {"cell": n}} for n in range(bases)]
        client.control("POST", "seed", {"devices": devices})
        site = Site(checkout, emulator, clock, client, bases)
        site.want(1)
        code, said = site.apply()
        if code:
            raise RuntimeError(said)
        yield site


def _documents(bases: int, version: int) -> Iterator[tuple[str, Spec]]:
    # Signs of life are sent by the machine's clock, which the simulated one leaves behind.
    policy = {**ENVIRONMENT["policy"], "leaseSeconds": 3600}
    environment: dict[str, Any] = {**ENVIRONMENT, "hub": {"units": 1}, "policy": policy}
    yield "Environment local", environment
    for number in range(bases):
        yield f"DeviceGroup cell-{number}", {"matchTags": {"cell": number}}
        yield f"Deployment base-{number}", base(f"cell-{number}", f"{SERVER}/sensor:{version}")
