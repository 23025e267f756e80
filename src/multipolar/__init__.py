"""How much does the multilateral system depend on any one state?

Public names are loaded when first used, so that importing the package stays quick.

>>> import multipolar as mp
>>> mp.open().names.state("United Kingdom")
'GBR'
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .api import (
        Report,
        agreement,
        check,
        compare,
        diff,
        explain,
        names,
        open,
        power,
        power_over_time,
        pull,
        report,
    )
    from .api_scale import scale
    from .errors import MultipolarError
    from .record.store import Record
    from .rules.game import Game

_HOMES = {
    "open": "api",
    "report": "api",
    "compare": "api",
    "explain": "api",
    "names": "api",
    "pull": "api",
    "agreement": "api",
    "power": "api",
    "power_over_time": "api",
    "scale": "api_scale",
    "check": "api",
    "diff": "api",
    "Report": "api",
    "Record": "record.store",
    "Game": "rules.game",
    "MultipolarError": "errors",
}

__all__ = [
    "Game",
    "MultipolarError",
    "Record",
    "Report",
    "__version__",
    "agreement",
    "check",
    "compare",
    "diff",
    "explain",
    "names",
    "open",
    "power",
    "power_over_time",
    "pull",
    "report",
    "scale",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f".{_HOMES[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """Keeps public functions in place when a folder of the same name (``report``) is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
