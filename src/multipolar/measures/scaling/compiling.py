"""Whether the compiled loops still have to be compiled, so that a first call can say so."""

from __future__ import annotations

from types import ModuleType


def is_compiled(*modules: ModuleType) -> bool:
    """Say whether the loops of modules are in this process, or kept on disk by an earlier one.

    Where numba does not tell, the answer is yes: a missing line does less harm than a wrong one.
    """
    return all(_module(module) for module in modules)


def _module(module: ModuleType) -> bool:
    loops = [value for value in vars(module).values() if hasattr(value, "py_func")]
    return not loops or any(loop.signatures or _kept(loop) for loop in loops)


def _kept(loop: object) -> bool:
    """Say whether the index of a loop's cache holds an entry for the source as it is now."""
    try:
        return bool(loop._cache._cache_file._load_index())  # type: ignore[attr-defined]
    except AttributeError:
        return not hasattr(loop, "_cache")
    except Exception:
        return True
