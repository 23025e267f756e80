"""Draws from the full posterior of a scaling: the check on its errors, and what holds of many points at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...errors import BadInput
from ...measures.scaling import mixing
from ...measures.scaling.gibbs import Sample, is_compiled, sample
from .cells import Array
from .choices import Note
from .estimate import COMPILING, Fitted

if TYPE_CHECKING:
    from .result import ScaleResult

MIXED = 1.01
"""R-hat up to which chains are said to agree (Vehtari and others 2021)."""
ENOUGH = 400.0
"""Effective sample size, of middle and ends, from which intervals are said to be stable (the same)."""
_STILL = 1e-5
"""Standard deviation below which a point is where the scale puts it."""
_TOGETHER = 512
"""Items looked at together."""


@dataclass(frozen=True)
class Agreement:
    """How the draws go together with mode and standard errors.

    Attributes
    ----------
    mean_difference : float
        Root mean square of (mean of the draws − estimate) / standard deviation of the draws, over the points.
    largest_difference : float
        Its largest absolute value, at ``state`` and ``period``.
    state, period
        Where that is.
    sd_ratio : float
        Median of the standard deviation of the draws over the standard error.
    sd_ratio_low, sd_ratio_high : float
        Quantiles of that ratio: 5 and 95 per cent.
    correlation : float or None
        Of means and estimates, over all points; None for one point.
    """

    mean_difference: float
    largest_difference: float
    state: str
    period: Any
    sd_ratio: float
    sd_ratio_low: float
    sd_ratio_high: float
    correlation: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON has it."""
        return {
            "mean_difference": self.mean_difference,
            "largest_difference": self.largest_difference,
            "state": self.state,
            "period": _plain(self.period),
            "sd_ratio": self.sd_ratio,
            "sd_ratio_low": self.sd_ratio_low,
            "sd_ratio_high": self.sd_ratio_high,
            "correlation": self.correlation,
        }


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws of all ideal points and items, on the scale of the result they belong to.

    Every draw is put on that scale by itself: mean 0 and standard deviation 1 over the points with votes, the
    same end up as in the result; or, with anchors, the means of the anchors where they were put.

    Attributes
    ----------
    result : ScaleResult
        What was fitted.
    sample : Sample
        The draws, on the scale of the model.
    array : array, chains x draws x points
        Ideal points in single precision, in the order of `points`.
    warmup, thin, seed : int
        How they were drawn.
    """

    result: ScaleResult = field(repr=False)
    sample: Sample = field(repr=False)
    array: Array = field(repr=False)
    warmup: int
    thin: int
    seed: int

    @property
    def chains(self) -> int:
        """Return the number of chains."""
        return int(self.array.shape[0])

    @property
    def draws(self) -> int:
        """Return the number of draws of each chain."""
        return int(self.array.shape[1])

    @property
    def seconds(self) -> float:
        """Return the time that drawing took."""
        return self.sample.seconds

    @cached_property
    def points(self) -> pl.DataFrame:
        """Return the ideal points: state, period, mean, sd, lo, hi, rhat, ess_bulk, ess_tail, n.

        ``lo`` and ``hi`` are quantiles at the level of the result. ``rhat`` and the effective sample sizes are empty for
        a point that the scale holds where it is, and where there are fewer than four draws of a chain.
        """
        shown = self.result.points
        low, high = _quantiles(self.array, self.result.level)
        return pl.DataFrame(
            {
                "state": shown["state"],
                "period": shown["period"],
                "mean": self._mean,
                "sd": self._sd,
                "lo": low,
                "hi": high,
                "rhat": pl.Series(self._mixed(mixing.rhat)).fill_nan(None),
                "ess_bulk": pl.Series(self._mixed(mixing.ess_bulk)).fill_nan(None),
                "ess_tail": pl.Series(self._mixed(mixing.ess_tail)).fill_nan(None),
                "n": shown["n"],
            }
        )

    @cached_property
    def items(self) -> pl.DataFrame:
        """Return the items: item; of beta, cut_yes and cut_no the mean, and ``_lo`` and ``_hi``; rhat, ess_bulk.

        ``rhat`` is the largest of the three, ``ess_bulk`` the least.
        """
        fitted = self.result.fitted
        binary = self.result.choices.response == "binary"
        centre, unit = _lines(self.result, self.sample.theta)
        n = len(fitted.given.items)
        names = ("beta", "cut_yes", "cut_no")
        found = {f"{name}{end}": np.empty(n) for name in names for end in ("", "_lo", "_hi")}
        rhat, ess = np.full(n, np.nan), np.full(n, np.nan)
        for k in range(0, n, _TOGETHER):
            part = slice(k, k + _TOGETHER)
            beta, middle, gap = np.moveaxis(self.sample.items[:, :, part].astype(float), -1, 0)
            middle = middle - beta * centre[:, :, None]
            half = np.zeros_like(gap) if binary else 0.5 * gap
            for name, draws in zip(
                names, (beta * unit[:, :, None], middle - half, middle + half), strict=True
            ):
                found[name][part] = draws.mean(axis=(0, 1))
                ends = _quantiles(draws, self.result.level)
                found[f"{name}_lo"][part], found[f"{name}_hi"][part] = ends
                if self.draws >= mixing.LEAST:
                    rhat[part] = np.fmax(rhat[part], mixing.rhat(draws))
                    ess[part] = np.fmin(ess[part], mixing.ess_bulk(draws))
        return pl.DataFrame(
            {
                "item": pl.Series(fitted.given.items, dtype=pl.String),
                **found,
                "rhat": pl.Series(rhat).fill_nan(None),
                "ess_bulk": pl.Series(ess).fill_nan(None),
            }
        )

    @property
    def rhat_max(self) -> float | None:
        """Return the largest R-hat of the ideal points; None where there are too few draws."""
        return _number(self.points["rhat"].max())

    @property
    def ess_min(self) -> float | None:
        """Return the least effective sample size of the ideal points, of middle or ends."""
        sizes = self.points.select(pl.min_horizontal("ess_bulk", "ess_tail").min()).item()
        return _number(sizes)

    @property
    def converged(self) -> bool:
        """Return whether the chains agree: no R-hat of an ideal point is above `MIXED`."""
        return self.rhat_max is not None and self.rhat_max <= MIXED

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Return what has to be known to read the draws, in English and Chinese."""
        rhat, ess = self.rhat_max, self.ess_min
        if self.draws >= mixing.LEAST and (rhat is None or ess is None):
            return (
                (
                    "The scale holds every point where it is: the draws say nothing of the points.",
                    "尺度固定了每个点的位置：抽样对各点没有说明任何信息。",
                ),
            )
        if rhat is None or ess is None:
            return (
                (
                    f"Fewer than {mixing.LEAST} draws of a chain: nothing tells whether the chains agree.",
                    f"每条链少于 {mixing.LEAST} 次抽样：无法判断各链是否一致。",
                ),
            )
        found: list[Note] = []
        if rhat > MIXED:
            share = float((self.points["rhat"].drop_nulls().to_numpy() > MIXED).mean())
            found.append(
                (
                    (
                        f"The chains do not agree yet: R-hat is up to {rhat:.3f}, and above {MIXED} for "
                        f"{100 * share:.0f} % of the points. Ask for more draws, or for a larger thin."
                    ),
                    (
                        f"各链尚未一致：R-hat 最大为 {rhat:.3f}，{100 * share:.0f}% 的点高于 {MIXED}。"
                        "请增加抽样次数，或加大 thin。"
                    ),
                )
            )
        if ess < ENOUGH:
            found.append(
                (
                    (
                        f"The draws of some point are worth {ess:.0f} independent ones, fewer than "
                        f"{ENOUGH:.0f}: the ends of its interval are rough."
                    ),
                    f"某点的抽样仅相当于 {ess:.0f} 次独立抽样，少于 {ENOUGH:.0f} 次：其区间端点不够精确。",
                )
            )
        return tuple(found)

    def reading(self, lang: str = "en") -> list[str]:
        """Return how the draws were made and how they go together with the errors, one line each."""
        rhat, ess = (
            "–" if value is None else f"{value:.{digits}f}"
            for value, digits in ((self.rhat_max, 3), (self.ess_min, 0))
        )
        lines = [
            (
                (
                    f"{self.draws:,} draws of each of {self.chains} chains by a Gibbs sampler, in {self.seconds:.0f} s: "
                    f"R-hat of ideal points at most {rhat}, effective sample size at least {ess}."
                ),
                (
                    f"吉布斯抽样：{self.chains}条链，每条{self.draws:,}次，用时{self.seconds:.0f}秒；"
                    f"理想点的R-hat最大为{rhat}，有效样本量最小为{ess}。"
                ),
            )
        ]
        found = self.compare()
        if found is not None:
            lines.append(
                (
                    (
                        f"Their means are {found.mean_difference:.2f} standard deviations from the mode (root mean "
                        f"square); their standard deviations are {found.sd_ratio:.2f} times the errors (median)."
                    ),
                    (
                        f"其均值与众数相差{found.mean_difference:.2f}个标准差（均方根）；"
                        f"其标准差为标准误的{found.sd_ratio:.2f}倍（中位数）。"
                    ),
                )
            )
        place = 1 if lang == "zh" else 0
        return [pair[place] for pair in [*lines, *self.notes]]

    def compare(self) -> Agreement | None:
        """Return how the draws go together with the estimates and standard errors of the result.

        Points that the scale holds where they are say nothing; None where there are no others.
        """
        shown, free = self.result.points, self._sd > _STILL
        if not free.any():
            return None
        estimate, se = shown["estimate"].to_numpy()[free], shown["se"].to_numpy()[free]
        mean, sd = self._mean[free], self._sd[free]
        off = (mean - estimate) / sd
        at = int(np.argmax(np.abs(off)))
        place = shown.filter(pl.Series(free)).row(at, named=True)
        with np.errstate(divide="ignore"):
            middle, low, high = np.quantile(sd / se, (0.5, 0.05, 0.95))
        return Agreement(
            float(np.sqrt(np.mean(off**2))),
            float(np.abs(off[at])),
            place["state"],
            place["period"],
            float(middle),
            float(low),
            float(high),
            float(np.corrcoef(mean, estimate)[0, 1]) if len(mean) > 1 else None,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the draws' summary as JSON has it."""
        when, agreement = self.points["period"], self.compare()
        rows = self.points
        if when.dtype.is_temporal():
            rows = rows.with_columns(period=pl.Series([_plain(x) for x in when.to_list()]))
        return {
            "chains": self.chains,
            "draws": self.draws,
            "warmup": self.warmup,
            "thin": self.thin,
            "seed": self.seed,
            "level": self.result.level,
            "seconds": self.seconds,
            "rhat_max": self.rhat_max,
            "ess_min": self.ess_min,
            "converged": self.converged,
            "accepted": dict(self.sample.accepted),
            "laplace": None if agreement is None else agreement.to_dict(),
            "notes": [en for en, _ in self.notes],
            "notes_zh": [zh for _, zh in self.notes],
            "points": rows.to_dicts(),
            "items": self.items.to_dicts(),
        }

    @cached_property
    def _mean(self) -> Array:
        return np.asarray(self.array.mean(axis=(0, 1), dtype=float))

    @cached_property
    def _sd(self) -> Array:
        return np.asarray(self.array.std(axis=(0, 1), dtype=float))

    def _mixed(self, measure: Callable[[Array], Array]) -> Array:
        """Return a measure of mixing; NaN where it says nothing."""
        if self.draws < mixing.LEAST:
            return np.full(self.array.shape[2], np.nan)
        return np.where(self._sd > _STILL, measure(self.array), np.nan)


def draws_of(
    result: ScaleResult,
    *,
    chains: int = 4,
    draws: int = 500,
    warmup: int = 500,
    thin: int = 3,
    seed: int = 0,
    say: Callable[[str], None] | None = None,
) -> Draws:
    """Return draws from the posterior of a result.

    Parameters
    ----------
    result : ScaleResult
        What was fitted; chains start about its mode.
    chains, draws : int
        Chains, and draws of each, from 1 on.
    warmup : int
        Sweeps of each chain that are thrown away before, from 0 on.
    thin : int
        Sweeps for each draw, from 1 on.
    seed : int
        Seed; the same draws every time.
    say : function, optional
        Told how far it is, and when loops have to be compiled first.

    Returns
    -------
    Draws

    Raises
    ------
    BadInput
        A number is not whole, or too small; or the draws would not fit into memory.

    Complexity
    ----------
    A small body takes seconds. For 860,000 votes of the General Assembly a sweep takes 0.19 s: two chains of
    500 sweeps and 500 draws, 6 minutes, with R-hat up to 1.07 and draws worth 310 independent ones for the middle
    point. That is enough for means and standard deviations; for R-hat below `MIXED` at every point ask for a
    thin of about ten.
    """
    fitted = result.fitted
    if say is not None and not is_compiled():
        say(COMPILING)
    drawn = sample(
        fitted.search,
        fitted.mode,
        chains=chains,
        warmup=warmup,
        draws=draws,
        thin=thin,
        seed=seed,
        say=say,
    )
    return Draws(result, drawn, on_scale(result, drawn.theta), warmup, thin, seed)


def on_scale(result: ScaleResult, theta: Array) -> Array:
    """Return draws of positions (chains x draws x nodes) as points on the scale of the result."""
    voted = np.flatnonzero(result.fitted.given.votes > 0)
    centre, unit = _lines(result, theta)
    out = np.empty((*theta.shape[:2], len(voted)), dtype=np.float32)
    for c in range(len(theta)):
        out[c] = (theta[c][:, voted] - centre[c][:, None]) / unit[c][:, None]
    return out


def _lines(result: ScaleResult, theta: Array) -> tuple[Array, Array]:
    """Return middle and unit of the scale of every draw; a negative unit swaps the ends."""
    fitted: Fitted = result.fitted
    voted = fitted.given.votes > 0
    shown = fitted.points[voted]
    centre, unit = np.empty(theta.shape[:2]), np.empty(theta.shape[:2])
    for c, drawn in enumerate(theta):
        if result.choices.anchors:
            # Both are sums of positions, with the slopes as weights.
            centre[c], unit[c] = (drawn.astype(float) @ fitted.line.slopes).T
            continue
        part = drawn[:, voted].astype(float)
        centre[c] = part.mean(axis=1)
        along = (part - centre[c][:, None]) @ (shown - shown.mean())
        unit[c] = np.where(along < 0, -1.0, 1.0) * part.std(axis=1)
    if not np.all(unit != 0):
        raise BadInput("in some draw all ideal points are equal: they have no scale.")
    return centre, unit


def _quantiles(draws: Array, level: float) -> tuple[Array, Array]:
    """Return the ends of intervals from the draws of all chains."""
    flat = draws.reshape(-1, draws.shape[2])
    low, high = np.quantile(flat, (0.5 - level / 2, 0.5 + level / 2), axis=0)
    return np.asarray(low, dtype=float), np.asarray(high, dtype=float)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
