"""The use cases, each a few lines that join the pure core to the edges it is given."""

from reconciler.app.applying import apply, cloud, exclusive, unlock
from reconciler.app.fleet import Fleet, kind_names, laid_out, read_fleet, schema_text
from reconciler.app.planning import (
    allowed,
    make_plan,
    missing_secrets,
    overtaken_by,
    part_of,
    plan_digest,
    rendered,
    simulation,
    with_impact,
)
from reconciler.app.reports import (
    outcome_text,
    plan_json,
    plan_text,
    run_json,
)
from reconciler.apply import Lease, Pace, Terms
from reconciler.kinds.environment.spec import ProviderName
from reconciler.plan.allow import RULES
from reconciler.plan.plan import applied_commits
from reconciler.providers.port import (
    DeniedError,
    IncompleteError,
    LockedError,
    Notify,
    Progress,
    Provider,
    ProviderError,
)
from reconciler.registry import Cloud, Given
from reconciler.source.devices import DeviceFile

__all__ = [
    "RULES",
    "Cloud",
    "DeniedError",
    "DeviceFile",
    "Fleet",
    "Given",
    "IncompleteError",
    "Lease",
    "LockedError",
    "Notify",
    "Pace",
    "Progress",
    "Provider",
    "ProviderError",
    "ProviderName",
    "Terms",
    "allowed",
    "applied_commits",
    "apply",
    "cloud",
    "exclusive",
    "kind_names",
    "laid_out",
    "make_plan",
    "missing_secrets",
    "outcome_text",
    "overtaken_by",
    "part_of",
    "plan_digest",
    "plan_json",
    "plan_text",
    "read_fleet",
    "rendered",
    "run_json",
    "schema_text",
    "simulation",
    "unlock",
    "with_impact",
]
