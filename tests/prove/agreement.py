"""What a plan said of devices, held against what they did: device by device, and exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from reconciler.plan.impact import EffectiveChange, Impact
from tests.prove.deeds import Deed, Deeds, Moment


def differences(told: Impact, done: Deeds) -> Iterator[str]:
    """What the plan said and devices did not do, and the other way round."""
    yield from done.faults
    said = Counter({_deed(change): change.devices for change in told.changes})
    did = Counter(done.done.values())
    for deed in sorted(said.keys() | did.keys(), key=repr):
        if said[deed] != did[deed]:
            yield f"{said[deed]} devices were to do, and {did[deed]} did: {deed}"
    for change in told.changes:
        if done.done.get(change.example) != _deed(change):
            yield f"{change.example} is no example of {_deed(change)}"
    yield from _sums(told, done)
    yield from _reaches(told, done)


def _sums(told: Impact, done: Deeds) -> Iterator[str]:
    left = sum(deed.loses_base for deed in done.done.values())
    facts = {
        "changed": (told.devices, len(done.done)),
        "of": (told.of, len(done.after.agents)),
        "without a base": (told.without_base, left),
        "gaining": (told.gains, len(_more(done.before, done.after))),
        "losing": (told.loses, len(_more(done.after, done.before))),
    }
    for name, (said, did) in facts.items():
        if said != did:
            yield f"{name}: {said} devices were told, {did} were counted"


def _more(before: Moment, after: Moment) -> list[str]:
    """Devices that have a deployment afterwards that they did not have before."""
    return [
        device
        for device, agent in after.agents.items()
        if {after.names[id_] for id_ in agent.applied}
        - {before.names[id_] for id_ in before.agents[device].applied}
    ]


def _reaches(told: Impact, done: Deeds) -> Iterator[str]:
    for lineage, reach in told.reach.items():
        if lineage.kind != "Deployment":
            continue
        name = lineage.name
        devices, own = done.reached(name), done.defined(name)
        deeds_here = [done.done[each] for each in devices if each in done.done]
        had, has = done.given(done.before, name), done.given(done.after, name)
        facts = {
            "devices": (reach.devices, len(devices)),
            "gains": (reach.gains, len(has - had)),
            "loses": (reach.loses, len(had - has)),
            "restarts": (set(reach.restarts), own & {n for d in deeds_here for n in d.restarts}),
            "appears": (set(reach.appears), own & {n for d in deeds_here for n in d.appears}),
            "vanishes": (set(reach.vanishes), own & {n for d in deeds_here for n in d.vanishes}),
        }
        for fact, (said, did) in facts.items():
            if said != did:
                yield f"{lineage}, {fact}: {said} told, {did} counted"


def _deed(change: EffectiveChange) -> Deed:
    told = change.effects
    return Deed(
        change.before.applied,
        change.after.applied,
        told.appears,
        told.vanishes,
        told.restarts,
        told.switches,
        told.untouched,
        told.twins,
        told.pulls,
    )
