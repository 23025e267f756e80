"""Whether loops still have to be compiled, so that a first call can say so."""

from __future__ import annotations

from typing import Any

from .laplace import exact
from .marginal import suited
from .problem import Problem


def is_compiled(given: Problem) -> bool:
    """Say whether the loops that a fit needs are in this process, or kept on disk by an earlier one.

    Where numba does not tell, the answer is yes: a missing line does less harm than a wrong one.
    """
    from . import coarse_loops, kernels, loops

    needed: list[Any] = [
        kernels.derivatives,
        kernels.without_items,
        kernels.item_products,
        kernels.node_products,
        coarse_loops.along,
        coarse_loops.factored,
        coarse_loops.solved,
    ]
    if suited(given):
        needed += [loops.settle, loops.framed, kernels.probabilities]
    elif exact(given):
        needed.append(loops.spread)
    return all(not hasattr(loop, "py_func") or loop.signatures or _kept(loop) for loop in needed)


def _kept(loop: Any) -> bool:
    """Say whether the index of a loop's cache holds an entry for the source as it is now."""
    try:
        return bool(loop._cache._cache_file._load_index())
    except AttributeError:
        return not hasattr(loop, "_cache")
    except Exception:
        return True
