"""How the emulated cloud behaves where the real one is slow, strict or unclear."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class RemovedLayer(Enum):
    """What happens to a layer's modules on a device when the layer's deployment is deleted."""

    MODULES_GO = "go"
    MODULES_STAY = "stay"


@dataclass(frozen=True)
class Settings:
    """Durations are in seconds of the emulated clock, `tick_seconds` is in real ones.

    `tick_seconds` of 0 means that only `POST /_emulator/tick` runs the background pass.
    """

    tick_seconds: float = 0.25
    # workspace
    build_seconds: float = 0.0
    image_page_size: int = 20
    registry_is_lazy: bool = False
    registry_admin_enabled: bool = True
    # hub
    hub_units: int = 1
    hub_throttles: bool = False
    condition_lag_seconds: float = 0.0
    query_lag_seconds: float = 0.0
    metrics_lag_seconds: float = 0.0
    pull_seconds: float = 0.0
    removed_layer: RemovedLayer = RemovedLayer.MODULES_GO
