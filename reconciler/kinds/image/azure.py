"""Reads and writes Images: each builder has its own way, this file knows which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.kinds.image.spec import PREBUILT
from reconciler.model import Observed, Resolved, Resource
from reconciler.providers.azure.fault import told
from reconciler.providers.azure.images.built import BuiltImages
from reconciler.providers.azure.images.packaged import PackagedImages
from reconciler.providers.azure.images.prebuilt import PrebuiltImages
from reconciler.providers.azure.session import AzureSession
from reconciler.providers.port import Reading

BUILT = "azureml-image"
PACKAGED = "azureml-package"


@dataclass(frozen=True, slots=True)
class ImageHandler:
    session: AzureSession

    @told()
    def observe(self, wanted: Sequence[Resource]) -> Reading:
        items = (
            *self._built.observe(_of(BUILT, wanted)),
            *self._packaged.observe(_of(PACKAGED, wanted)),
            *PrebuiltImages(self.session).observe(_of(PREBUILT, wanted)),
        )
        return Reading(items)

    @told()
    def create(self, want: Resource, resolved: Resolved) -> Observed:
        if want.spec["builder"] == PACKAGED:
            return self._packaged.create(want, resolved)
        return self._built.create(want, resolved)

    @told()
    def update(self, have: Observed, want: Resource, resolved: Resolved) -> Observed:
        del resolved  # tags refer to nothing
        if want.spec["builder"] == PACKAGED:
            return self._packaged.update(have, want)
        return self._built.update(have, want)

    @told()
    def delete(self, have: Observed) -> None:
        # A package is known by where it lies, a built image by its name and version.
        if "/" in have.address:
            self._packaged.delete(have)
        else:
            self._built.delete(have)

    @property
    def _built(self) -> BuiltImages:
        return BuiltImages(self.session)

    @property
    def _packaged(self) -> PackagedImages:
        return PackagedImages(self.session)


def _of(builder: str, wanted: Sequence[Resource]) -> list[Resource]:
    return [want for want in wanted if want.spec["builder"] == builder]
