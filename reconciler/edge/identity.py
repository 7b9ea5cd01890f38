"""Names in the hub: ids of deployments, modules, labels, credentials.

Ids of configurations: 1 to 128 lower-case letters, digits and - + % _ * ! ' (Azure IoT Hub,
"Deploy IoT Edge modules at scale"); labels: up to 128 of letters, digits and -:.+%_#*?!(),=@;'
(azure-iothub, `Configuration.labels`).
"""

from __future__ import annotations

import re

ID_LENGTH = 128
LABEL_LENGTH = 128
NAME_LENGTH = ID_LENGTH - len("-77e0c41f-r99")
"""What is left of an id for the name: a digest, and room for a suffix, stand behind it."""
OURS = "reconciler-"
"""How the labels of ours begin."""
LEASES = "reconciler-lease-"
"""How the ids of devices begin that are none: they hold the lease of an environment."""
ROOT = "reconciler"
"""The tag of a device below which everything of ours stands, by owner."""
MARK = "_device"
"""Where, below the owner, a device says which document it is from: no group can have that name."""
PRINTS = ("primaryThumbprint", "secondaryThumbprint")
"""What the hub and documents call the thumbprints of a device alike."""

MODULE_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
LABEL = re.compile(r"[A-Za-z0-9\-:.+%_#*?!(),=@;']{1,128}")
CREDENTIAL_LABEL = re.compile(r"[^.$# \x00-\x1f\x7f]+")

_OTHERS = re.compile(r"[^a-z0-9_-]+")


def address_name(name: str) -> str:
    """A deployment's name as it stands in its id; empty if nothing of it can stand there."""
    return _OTHERS.sub("-", name.lower()).strip("-_")[:NAME_LENGTH].strip("-_")
