"""Votes of made-up assemblies, drawn from the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

WORDS = np.array(["yes", "abstain", "no"])


def votes(
    seed: int = 0,
    *,
    states: int = 16,
    periods: int = 4,
    calls: int = 25,
    missing: float = 0.1,
    drift: float = 0.2,
    gap: float = 0.5,
    linked: int = 0,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return votes, and the true ideal points by state and period.

    Parameters
    ----------
    missing : float
        Share of votes that were not cast; they have a row as absent.
    linked : int
        Items of every period that are voted on again in the next.
    """
    rng = np.random.default_rng(seed)
    true = rng.standard_normal(states) + np.cumsum(
        drift * rng.standard_normal((periods, states)), axis=0
    )
    rows: list[dict[str, Any]] = []
    kept: list[tuple[str, float, float]] = []
    for t in range(periods):
        items = [(f"i{t}-{k:02}", rng.normal(0, 1.2), rng.normal(0, 0.6)) for k in range(calls)]
        items[: len(kept)] = kept
        for k, (item, beta, cut) in enumerate(items):
            latent = beta * true[t] + rng.standard_normal(states)
            said = np.where(latent < cut - gap / 2, 0, np.where(latent < cut + gap / 2, 1, 2))
            absent = rng.random(states) < missing
            rows += [
                {
                    "roll_call": f"r{t}-{k:02}",
                    "state": f"S{s:02}",
                    "period": 2000 + t,
                    "position": "absent" if absent[s] else str(WORDS[said[s]]),
                    "item": item,
                }
                for s in range(states)
            ]
        kept = items[:linked]
    points = pl.DataFrame(
        [
            {"state": f"S{s:02}", "period": 2000 + t, "estimate": float(true[t, s])}
            for t in range(periods)
            for s in range(states)
        ]
    )
    frame = pl.DataFrame(rows)
    return (frame if linked else frame.drop("item")), points
