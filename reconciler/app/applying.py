"""The one way by which a plan is carried out, alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from reconciler import apply as applying
from reconciler import registry
from reconciler.app.fleet import Fleet
from reconciler.apply import Lease, Pace, Terms, leased
from reconciler.plan import Outcome, Plan
from reconciler.providers.port import (
    Provider,
)
from reconciler.registry import Cloud, Given


def cloud(fleet: Fleet, given: Given) -> AbstractContextManager[Cloud]:
    """Connect to the services of the fleet's environment."""
    return registry.azure(fleet.settings, fleet.scope, fleet.commit.sha, given)


def apply(plan: Plan, provider: Provider, pace: Pace) -> Iterator[Outcome]:
    return applying.execute(plan, provider, pace)


@contextmanager
def exclusive(
    provider: Provider, record: Mapping[str, str], terms: Terms
) -> Iterator[Lease | None]:
    """Be the only one who applies to this environment, where there could be others."""
    if provider.leases is None:
        yield None
        return
    with leased(provider.leases, record, terms) as lease:
        yield lease


def unlock(provider: Provider, run: str) -> bool:
    """Take the lease away from a run; False if that run does not hold it."""
    if provider.leases is None:
        return False
    held = provider.leases.read()
    if held.record.get("run") != run:
        return False
    provider.leases.write(None, held.version)
    return True
