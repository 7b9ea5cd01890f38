"""How large a section of a twin is, as the hub counts it.

https://learn.microsoft.com/azure/iot-hub/iot-hub-devguide-device-twins#device-twin-size
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconciler.model import Value

SECTION_BYTES = 32 * 1024
HEADROOM = 0.55
"""Of the agent's section; what it reports repeats it, with a status for each module, and is full
first (https://github.com/Azure/iotedge/issues/7035)."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TRUTH, _NUMBER = 4, 8


def twin_size(value: Value) -> int:
    """Keys and texts in UTF-8 without control characters, 8 bytes a number, 4 a truth value."""
    match value:
        case bool():
            return _TRUTH
        case int() | float():
            return _NUMBER
        case str():
            return len(_CONTROL.sub("", value).encode())
        case Mapping():
            return sum(twin_size(key) + twin_size(inner) for key, inner in value.items())
        case tuple():
            return sum(twin_size(item) for item in value)
        case _:
            return 0
