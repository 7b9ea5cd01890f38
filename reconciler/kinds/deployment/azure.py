"""Reads and writes Deployments on the hub: a generation is a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reconciler.kinds.deployment.spec import ADDRESSES, KIND, addresses, content_digest
from reconciler.model import (
    TAMPERED,
    HeldSecret,
    Marker,
    Observed,
    Resolved,
    Resource,
    ResourceId,
    Secret,
    Spec,
    digest,
    mapping,
    text,
)
from reconciler.providers.azure.configurations import TakenError
from reconciler.providers.azure.fault import told
from reconciler.providers.azure.manifest import complete, masked, passwords
from reconciler.providers.azure.marks import COMMIT, OURS, marker_in, unmarked
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.azure.values import Entry, fields, frozen, plain, words
from reconciler.providers.port import ConflictError, ProviderError, Reading

CONTENT = f"{OURS}content"
SECRET = f"{OURS}secret-"
IMAGE = f"{OURS}image-"
LONGEST = 128
"""Characters of a label's name: a module with a longer name has no label of its own."""
CREDENTIALS = "registryCredentials"


@dataclass(frozen=True, slots=True)
class DeploymentHandler:
    session: AzureSession

    @told()
    def observe(self, wanted: Sequence[Resource]) -> Reading:
        """One list of everything on the hub, whatever git asks for."""
        del wanted
        seen: set[ResourceId] = set()
        items = []
        for live in sorted(self.session.configurations.listed(), key=lambda c: str(c["id"])):
            item = self._observed(live)
            if item.id in seen:  # a clone, made by hand, labels and all
                item = replace(item, id=_tampered(item))
            seen.add(item.id)
            items.append(item)
        return Reading(tuple(items))

    @told()
    def create(self, want: Resource, resolved: Resolved) -> Observed:
        """Write it under the first id that is free."""
        document = self._document(want, resolved)
        for address in addresses(want.id):
            try:
                live = self.session.configurations.create({**document, "id": address})
            except TakenError:
                continue
            return self._observed(live)
        raise ProviderError(
            f"{ADDRESSES} configurations with the id of {want.id} hold other content",
            "look who writes to the hub, and delete those that nobody needs",
        )

    @told()
    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        """Write what can change over what was seen, with the content that the hub holds."""
        seen = self.session.configurations.seen(have.address)
        if seen is None or _changed(self._observed(seen), have):
            raise ConflictError(f"{have.address} changed after the plan was made")
        rendered: dict[str, Any] = {k: plain(v) for k, v in KIND.render(want, resolved).items()}
        kept = {k: v for k, v in words(seen.get("labels")).items() if k.startswith(OURS)}
        # What lost its mark gets all of it back; otherwise what was created is what it says.
        marks = {**kept, **self._commit()} if have.owned else self._marks(want, resolved)
        document = {
            **rendered,
            "id": have.address,
            "content": seen["content"],
            "labels": {**words(rendered["labels"]), **marks},
        }
        return self._observed(self.session.configurations.update(seen, document))

    @told()
    def delete(self, have: Observed) -> None:
        self.session.configurations.delete(have.address, have.version)

    def _document(self, want: Resource, resolved: Resolved) -> dict[str, Any]:
        """Everything but the id; the passwords are put in here, and nowhere before."""
        rendered = KIND.render(want, resolved)
        held = dict(_held(want, resolved))
        content = complete(rendered["content"], {k: h.secret for k, h in held.items()})
        return {
            "labels": {**words(rendered.get("labels")), **self._marks(want, resolved)},
            "targetCondition": rendered["targetCondition"],
            "priority": rendered["priority"],
            "metrics": plain(rendered["metrics"]),
            "content": {"modulesContent": plain(content)},
        }

    def _marks(self, want: Resource, resolved: Resolved) -> dict[str, str]:
        """The labels of ours: whose it is, what it holds, and what cannot be read from it."""
        content = masked(KIND.render(want, resolved)["content"])
        return {
            **self.session.scribe.marks(want.id),
            CONTENT: content_digest(content),
            **dict(_counters(want, dict(_held(want, resolved)))),
            **dict(_digests(want, resolved)),
        }

    def _commit(self) -> dict[str, str]:
        return {COMMIT: self.session.scribe.commit} if self.session.scribe.commit else {}

    def _observed(self, live: Entry) -> Observed:
        labels, held = words(live.get("labels")), passwords(live.get("content"))
        for secret in held.values():
            self.session.surroundings.learn(secret)
        marker = marker_in(labels)
        spec: Spec = {
            "targetCondition": live.get("targetCondition") or "",
            "priority": live.get("priority") or 0,
            "labels": unmarked(labels),
            "metrics": words((live.get("metrics") or {}).get("queries")),
        }
        item = Observed(
            id=ResourceId(KIND.name, live["id"]),
            spec=spec,
            version=live["etag"],
            owned=self.session.scribe.owns(marker),
            address=live["id"],
            marker=marker,
            status={**_status(live), "digests": _noted(labels)},
            content=_document(spec, masked(live.get("content"))),
            secrets=_secrets(labels, held),
        )
        return replace(item, id=_identity(item, labels)) if item.owned else item


def _document(spec: Spec, modules: Spec) -> Spec:
    """What was read, in the shape of what is written."""
    return {
        **spec,
        "metrics": {"queries": spec["metrics"]},
        "content": {"modulesContent": modules},
    }


def _identity(item: Observed, labels: Mapping[str, str]) -> ResourceId:
    """What its mark says, if its id and its content say so too."""
    marker: Marker | None = item.marker
    if marker is None:
        return item.id
    claimed = ResourceId(KIND.name, marker.name, marker.digest)
    content = mapping(mapping(item.content["content"])["modulesContent"])
    genuine = labels.get(CONTENT) == content_digest(content) and item.address in addresses(claimed)
    return claimed if genuine else _tampered(replace(item, id=claimed))


def _tampered(item: Observed) -> ResourceId:
    """A generation that nobody asks for: so a genuine one is made beside it, and this one goes."""
    hexadecimal = digest({"id": item.address, "content": item.content}).rpartition(":")[2]
    return replace(item.id, generation=f"{TAMPERED}{hexadecimal}")


def _changed(now: Observed, have: Observed) -> bool:
    """Whether anything that a plan is made from differs; an ETag may move for less."""
    if not have.owned:  # without a mark, what it is is what it holds
        return (now.content, now.owned) != (have.content, False)
    return (now.id, now.spec, now.owned) != (have.id, have.spec, have.owned)


def _held(want: Resource, resolved: Resolved) -> Iterator[tuple[str, HeldSecret]]:
    """The secrets to put in, by the label that each has in the manifest."""
    for path, ref in want.refs.items():
        if path[0] == CREDENTIALS and ref.name in resolved[ref].secrets:
            yield path[1], resolved[ref].secrets[ref.name]


def _counters(want: Resource, held: Mapping[str, HeldSecret]) -> Iterator[tuple[str, str]]:
    """How often each secret was rotated, and its label in the manifest where that is another."""
    for label, secret in held.items():
        name = want.refs[CREDENTIALS, label].name
        suffix = "" if label == name else f":{label}"
        yield f"{SECRET}{name}", f"{secret.counter}{suffix}"


def _digests(want: Resource, resolved: Resolved) -> Iterator[tuple[str, str]]:
    """Which image a tag stood for when this was written, by label."""
    for path, ref in want.refs.items():
        found = text(resolved[ref].status.get("digest"))
        if path[0] == "modules" and found and len(f"{IMAGE}{path[1]}") <= LONGEST:
            yield f"{IMAGE}{path[1]}", found


def _noted(labels: Mapping[str, str]) -> Spec:
    """The same, by the field that refers to the image."""
    ours = (key.removeprefix(IMAGE) for key in labels if key.startswith(IMAGE))
    return {f"modules.{module}.image": labels[f"{IMAGE}{module}"] for module in ours}


def _secrets(labels: Mapping[str, str], live: Mapping[str, Secret]) -> Mapping[str, HeldSecret]:
    """By the name of the credential, for those that a label counts."""
    found = {}
    for key, value in labels.items():
        name = key.removeprefix(SECRET)
        counter, _, label = value.partition(":")
        if key.startswith(SECRET) and counter.isdigit() and (label or name) in live:
            found[name] = HeldSecret(int(counter), live[label or name])
    return found


def _status(live: Entry) -> Spec:
    """What the hub counts; None where it has not counted yet."""
    system = fields((live.get("systemMetrics") or {}).get("results"))
    custom = fields((live.get("metrics") or {}).get("results"))
    return {
        "targeted": system.get("targetedCount"),
        "applied": system.get("appliedCount"),
        "reporting": system.get("reportedSuccessfulCount"),
        "failing": system.get("reportedFailedCount"),
        "metrics": custom,
        "created": frozen(live.get("createdTimeUtc")),
    }
