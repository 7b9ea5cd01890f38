"""What two modules of one deployment take of their device, and only one of them gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.edge.host import clashes
from reconciler.edge.reported import SYSTEM
from reconciler.edge.shape import at
from reconciler.model import Fault, FieldPath, Severity, Spec, Value, mapping


def host_faults(spec: Spec) -> Iterator[Fault]:
    modules: Mapping[str, Value] = {
        **{name: spec[name] for name in SYSTEM if name in spec},
        **mapping(spec.get("modules")),
    }
    running = {name: m for name, m in modules.items() if at(m, "status") != "stopped"}
    for clash in clashes({name: at(m, "createOptions") for name, m in running.items()}):
        two, own = clash.two, clash.two.module
        where: FieldPath = (own,) if own in SYSTEM else ("modules", own)
        summary = f'the modules "{clash.one.module}" and "{own}" both claim {two.what} of the host'
        if clash.one.module == own:
            summary = f'the module "{own}" claims {two.what} of the host twice'
        path = (*where, "createOptions", *two.path)
        if two.exclusive:
            hint = "the container that comes second does not start: bind another port of the host"
            yield Fault(path, "host.port", summary, hint)
        else:
            hint = "few devices can be read by two processes: give it to one of the modules"
            yield Fault(path, "host.device", summary, hint, Severity.WARNING)
