"""Where a thing can be imported from: the public module that has it, and its name there."""

import sys
from collections.abc import Iterable
from typing import Any

from ..primitive import Primitive


def home(x: Any, *names: str) -> tuple[str, str] | None:
    """(module, name) of what has one of these names; an operation may have any."""
    names = tuple(dict.fromkeys((*names, str(getattr(x, "__name__", "")))))
    written = [x.infix, x.forward, *x.written] if isinstance(x, Primitive) else [x]
    near = {_top(str(getattr(part, "__module__", ""))) for part in written}
    found = []
    for module, held in list(sys.modules.items()):
        content = getattr(held, "__dict__", {})
        known: Iterable[str] = content.copy() if isinstance(x, Primitive) else names
        for name in known if not module.startswith("__") else ():
            if content.get(name) is x:
                private = any(part.startswith("_") for part in (*module.split("."), name))
                found.append((private, _top(module) not in near, module.count("."),
                              module != "autograd.numpy", module, name))
    return min(found)[4:] if found else None


def is_library(x: Any) -> bool:
    """Whether a function is of an installed package, or of this one."""
    found = home(x)
    file = str(getattr(sys.modules[found[0]], "__file__", "")) if found else ""
    return found is not None and (_top(found[0]) in ("autograd", "nn") or "site-packages" in file)


def _top(module: str) -> str:
    return module.partition(".")[0]
