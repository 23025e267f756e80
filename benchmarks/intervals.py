"""Simulate assemblies and count how often intervals of ideal points hold the truth.

``python benchmarks/intervals.py [--each N] [--write]``: N assemblies of each size are drawn from the model, with
absences, short memberships and texts voted on in several periods; each is scaled as `multipolar scale`
does. Drift: intervals of each state's change from its first to its last period, in assemblies where
nobody moves.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from assemblies import Assembly, assembly
from multipolar.measures.scaling import kernels
from multipolar.measures.scaling.laplace import differences, interval, standardised
from multipolar.measures.scaling.marginal import uncertain
from multipolar.measures.scaling.newton import Fit, first_items
from multipolar.measures.scaling.settings import Settings
from multipolar.measures.scaling.start import automatic_start
from run import ROOT, machine

LEVEL = 0.9
SHAPES: tuple[dict[str, int], ...] = (
    {"states": 9, "periods": 5, "alone": 40, "linked": 8},
    {"states": 15, "periods": 5, "alone": 30, "linked": 8},
    {"states": 25, "periods": 5, "alone": 25, "linked": 8},
    {"states": 40, "periods": 6, "alone": 25, "linked": 10},
    {"states": 60, "periods": 6, "alone": 25, "linked": 10},
    {"states": 120, "periods": 8, "alone": 25, "linked": 15},
    {"states": 193, "periods": 10, "alone": 25, "linked": 20},
)
MODELS = {
    "mean-reverting": Settings(),
    "random walk": Settings(dynamics="random-walk"),
    "static": Settings(dynamics="static"),
}


@dataclass(frozen=True)
class Count:
    """What one assembly gave."""

    voters: float
    held: float
    rare: float
    width: float
    converged: bool


def one(seed: int, settings: Settings, shape: dict[str, int]) -> Count:
    """Scale one assembly and hold its intervals against the truth."""
    drawn, found, scale = _scaled(seed, settings, {"rare": max(1, shape["states"] // 10), **shape})
    given, voted = drawn.given, drawn.given.votes > 0
    low, high = interval(scale.theta, scale.nodes, LEVEL)
    truth = drawn.shown * np.sign(drawn.shown[voted] @ scale.theta[voted])
    inside = (low <= truth) & (truth <= high)
    names = np.array([int(s[1:]) for s in given.states])[given.node_state]
    seldom = voted & (names < max(1, shape["states"] // 10))
    often = voted & ~seldom
    return Count(
        given.cells / len(given.items),
        float(inside[voted].mean()),
        float(inside[seldom].mean()) if seldom.any() else float("nan"),
        float(np.median(scale.nodes[seldom]) / np.median(scale.nodes[often]))
        if seldom.any()
        else float("nan"),
        bool(found),
    )


def drift(seed: int, settings: Settings, shape: dict[str, int]) -> float:
    """Return the share of states that seem to have moved in an assembly where nobody does."""
    drawn, _, scale, errors = _scaled(seed, settings, {"still": True, **shape}, whole=True)
    first, last = drawn.spans()
    moved = scale.theta[last] - scale.theta[first]
    se = differences(errors, first, last, scale)
    low, high = interval(moved, se, LEVEL)
    return float(((low > 0) | (high < 0)).mean())


def _scaled(seed: int, settings: Settings, shape: dict[str, Any], whole: bool = False) -> Any:
    drawn: Assembly = assembly(np.random.default_rng(seed), settings, **shape)
    given = drawn.given
    fit = Fit(given, settings, kernels)
    mode, errors = uncertain(fit, fit.run(automatic_start(given), first_items(given)))
    scale = standardised(errors, mode.theta, given.votes > 0)
    return (drawn, mode.converged, scale, errors) if whole else (drawn, mode.converged, scale)


def figures(each: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table."""
    for name, settings in MODELS.items():
        for shape in SHAPES:
            if name == "static":
                shape = {**shape, "periods": 1, "alone": 3 * shape["alone"], "linked": 0}
            found = [one(1000 + seed, settings, shape) for seed in range(each)]
            held = np.array([c.held for c in found])
            rare = np.nanmean([c.rare for c in found])
            width = np.nanmedian([c.width for c in found])
            moved = (
                f"{np.mean([drift(5000 + s, settings, shape) for s in range(each)]):.3f}"
                if name != "static"
                else ""
            )
            yield (
                name,
                str(shape["states"]),
                f"{np.mean([c.voters for c in found]):.0f}",
                f"{held.mean():.3f} ± {held.std() / each**0.5:.3f}",
                f"{rare:.3f}",
                f"{width:.2f} ×",
                moved,
                f"{sum(c.converged for c in found)} of {each}",
            )


def main() -> int:
    """Print the table; write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=30)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    begin = time.perf_counter()
    rows = list(figures(chosen.each))
    total = chosen.each * len(rows)
    head = (
        "| dynamics | states | voters on an item | 90 % intervals that hold the truth | of states that vote one "
        "time in eight | their errors against the others' | false drift | converged |"
    )
    lines = [head, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    took = f"{total} assemblies, and as many still ones where drift is asked, in {time.perf_counter() - begin:.0f} s."
    text = f"{machine()}\n\n" + "\n".join(lines) + f"\n\n{took}\n"
    print(text)
    if chosen.write:
        page = ROOT / "benchmarks/README.md"
        new = re.sub(
            r"(<!-- intervals -->\n).*(<!-- /intervals -->)",
            lambda found: found[1] + text + found[2],
            page.read_text(encoding="utf-8"),
            flags=re.S,
        )
        page.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
