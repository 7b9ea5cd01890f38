"""One measurement: octoDNS reads zones and plans them against a target that holds all of it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from pathlib import Path

from octodns.provider.base import BaseProvider
from octodns.provider.yaml import YamlProvider
from octodns.record import Record
from octodns.zone import Zone

from tests.bench.watch import Watch


class Holder(BaseProvider):
    """A target that has all records at hand: what a real one would have to fetch and decode."""

    log = logging.getLogger("holder")
    SUPPORTS_GEO = False
    SUPPORTS_ROOT_NS = True
    SUPPORTS = YamlProvider.SUPPORTS

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._held: dict[str, tuple[Record, ...]] = {}

    def hold(self, zone: Zone) -> None:
        self._held[zone.name] = tuple(zone.records)

    def populate(self, zone: Zone, **_options: bool) -> bool:
        for record in self._held[zone.name]:
            zone.add_record(record, lenient=True)
        return True

    def _apply(self, plan: object) -> None:
        raise AssertionError(f"{plan} is not to be applied")


def reader(folder: Path) -> YamlProvider:
    return YamlProvider("source", str(folder), enforce_order=False, escaped_semicolons=False)


def populated(source: YamlProvider, names: Iterable[str]) -> list[Zone]:
    zones = [Zone(name, []) for name in names]
    for zone in zones:
        source.populate(zone)
    return zones


def main() -> None:
    folder = Path(sys.argv[1])
    source, target = reader(folder), Holder("target")
    names = sorted(source.list_zones())
    for zone in populated(source, names):
        target.hold(zone)
    watch = Watch()
    with watch:
        changes = [plan for zone in populated(source, names) if (plan := target.plan(zone, []))]
    if changes or not names:
        raise SystemExit("not an empty plan")
    watch.tell()


if __name__ == "__main__":
    main()
