"""Ideal points in the form that ArviZ reads; needs xarray."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import BadInput, MissingExtra

if TYPE_CHECKING:
    from .draws import Draws
    from .result import ScaleResult


def inference_data(
    result: ScaleResult, draws: int = 1000, seed: int = 0, *, drawn: Draws | None = None
) -> Any:
    """Return draws of every ideal point; see `ScaleResult.to_inference_data`.

    Parameters
    ----------
    result : ScaleResult
        What was fitted.
    draws, seed : int
        Draws from the normal approximation, and their seed.
    drawn : Draws, optional
        Draws from the full posterior, which are returned instead, chain by chain.

    Returns
    -------
    xarray.DataTree
        Group ``posterior`` (``ideal_point`` by chain, draw and point), ``constant_data``. With ``drawn``, what holds of
        differences between points holds of the draws. The normal approximation is drawn point by point, since
        the factor of the curvature serves sums of points but gives no draws: what holds of one point holds, what
        holds of differences does not.

    Raises
    ------
    BadInput
        ``draws`` is no whole number from 1 on, or ``drawn`` belongs to another result.
    MissingExtra
        xarray is not installed.
    """
    try:
        import xarray as xr
    except ImportError:
        raise MissingExtra(
            "this form needs xarray, which is not installed.",
            hint="Install it with: pip install 'multipolar[arviz]'",
        ) from None
    if not isinstance(draws, int) or draws < 1:
        raise BadInput(f"draws is {draws!r}, not a whole number from 1 on.")
    points = result.points
    if drawn is not None:
        if drawn.result is not result:
            raise BadInput("the draws are those of another result.")
        array, seed = drawn.array, drawn.seed
    else:
        rng = np.random.default_rng(seed)
        estimate, se = points["estimate"].to_numpy(), points["se"].to_numpy()
        array = estimate + se * rng.standard_normal((1, draws, len(estimate)))
    places = {
        "state": ("point", points["state"].to_list()),
        "period": ("point", points["period"].to_list()),
    }
    posterior = xr.Dataset({"ideal_point": (("chain", "draw", "point"), array)}, coords=places)
    constant = xr.Dataset(
        {name: ("point", points[name].to_numpy()) for name in ("estimate", "se", "n")},
        coords=places,
    )
    tree = xr.DataTree.from_dict({"posterior": posterior, "constant_data": constant})
    tree.attrs = {
        "model": result.model,
        "converged": str(result.converged if drawn is None else drawn.converged),
        "approximation": "normal, point by point" if drawn is None else "none",
        "seed": seed,
    }
    return tree
