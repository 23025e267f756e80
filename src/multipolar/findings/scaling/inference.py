"""Ideal points in the form that ArviZ reads; needs xarray."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import BadInput, MissingExtra

if TYPE_CHECKING:
    from .result import ScaleResult


def inference_data(result: ScaleResult, draws: int, seed: int) -> Any:
    """Return draws of every ideal point; see `ScaleResult.to_inference_data`."""
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
    rng = np.random.default_rng(seed)
    estimate, se = points["estimate"].to_numpy(), points["se"].to_numpy()
    drawn = estimate + se * rng.standard_normal((1, draws, len(estimate)))
    places = {
        "state": ("point", points["state"].to_list()),
        "period": ("point", points["period"].to_list()),
    }
    posterior = xr.Dataset({"ideal_point": (("chain", "draw", "point"), drawn)}, coords=places)
    constant = xr.Dataset(
        {name: ("point", points[name].to_numpy()) for name in ("estimate", "se", "n")},
        coords=places,
    )
    tree = xr.DataTree.from_dict({"posterior": posterior, "constant_data": constant})
    tree.attrs = {"model": result.model, "converged": str(result.converged), "seed": seed}
    return tree
