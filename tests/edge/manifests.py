"""Small manifests that tests start from."""

from reconciler.edge import plain
from reconciler.model import Spec, mapping


def base(**modules: object) -> Spec:
    """The manifest of a base as the hub gets it."""
    content = {
        "$edgeAgent": {
            "properties.desired": {
                "schemaVersion": "1.1",
                "runtime": {"type": "docker", "settings": {}},
                "systemModules": {
                    "edgeAgent": {
                        "type": "docker",
                        "settings": {"image": "mcr.microsoft.com/azureiotedge-agent:1.6.1"},
                    },
                    "edgeHub": {
                        "type": "docker",
                        "status": "running",
                        "restartPolicy": "always",
                        "settings": {"image": "mcr.microsoft.com/azureiotedge-hub:1.6.1"},
                    },
                },
                "modules": modules,
            }
        },
        "$edgeHub": {
            "properties.desired": {
                "schemaVersion": "1.1",
                "routes": {"up": "FROM /messages/* INTO $upstream"},
                "storeAndForwardConfiguration": {"timeToLiveSecs": 7200},
            }
        },
    }
    return mapping(plain(content))


def module(image: str = "contoso.azurecr.io/detector:1.4", **fields: object) -> dict[str, object]:
    """A module as it stands in a manifest."""
    settings = {"image": image, **{k: v for k, v in fields.items() if k.startswith("create")}}
    others = {k: v for k, v in fields.items() if not k.startswith("create")}
    return {
        "type": "docker",
        "status": "running",
        "restartPolicy": "always",
        **others,
        "settings": settings,
    }
