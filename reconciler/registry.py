"""The one place that knows every kind and every backend. Adding either is a few lines here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kinds.deployment.spec import KIND as DEPLOYMENT
from reconciler.kinds.device_group.spec import KIND as DEVICE_GROUP
from reconciler.kinds.environment.spec import KIND as ENVIRONMENT
from reconciler.kinds.image.spec import KIND as IMAGE
from reconciler.kinds.model.spec import KIND as MODEL
from reconciler.kinds.registry_credential.spec import KIND as REGISTRY_CREDENTIAL
from reconciler.model import Kinds
from reconciler.providers.port import Handler, Provider

if TYPE_CHECKING:
    from reconciler.providers.azure.session import AzureSession

KINDS: Kinds = {
    kind.name: kind
    for kind in (ENVIRONMENT, MODEL, IMAGE, REGISTRY_CREDENTIAL, DEVICE_GROUP, DEPLOYMENT)
}


def azure(session: AzureSession) -> Provider:
    # Imported here because the SDKs take seconds to load: `validate` must work without them.
    from reconciler.kinds.deployment.azure import DeploymentHandler  # noqa: PLC0415
    from reconciler.kinds.device_group.azure import DeviceGroupHandler  # noqa: PLC0415
    from reconciler.kinds.image.azure import ImageHandler  # noqa: PLC0415
    from reconciler.kinds.model.azure import ModelHandler  # noqa: PLC0415
    from reconciler.kinds.registry_credential.azure import (  # noqa: PLC0415
        RegistryCredentialHandler,
    )

    handlers: dict[str, Handler] = {
        MODEL.name: ModelHandler(session),
        IMAGE.name: ImageHandler(session),
        REGISTRY_CREDENTIAL.name: RegistryCredentialHandler(session),
        DEVICE_GROUP.name: DeviceGroupHandler(session),
        DEPLOYMENT.name: DeploymentHandler(session),
    }
    return Provider("azure", handlers, session.tally.total)
