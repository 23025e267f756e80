"""What `scale` returns: ideal points with intervals, items, and what was done to get them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from .cells import ABSTAIN, NO, YES
from .choices import Choices, Note, Subject
from .estimate import Fitted
from .scaled import Scaled

if TYPE_CHECKING:
    import altair

    from ...measures.scaling.held_out import HeldOut
    from .compare import Comparison
    from .draws import Draws

_LINE_FAR = 1e6
"""A cut line further out than this is none."""


@dataclass(frozen=True, eq=False)
class ScaleResult(Scaled):
    """Ideal points of the states of a body, or of votes of the user's own.

    Attributes
    ----------
    subject : Subject
        Where the votes were read.
    choices : Choices
        What was asked.
    fitted : Fitted
        The search and its arrays, on the scale of the model.
    notes : tuple of (str, str)
        What has to be known to read the numbers, in English and Chinese.
    """

    subject: Subject
    choices: Choices
    fitted: Fitted = field(repr=False)
    notes: tuple[Note, ...] = ()

    # -- what was found ----------------------------------------------------------------------------

    @cached_property
    def points(self) -> pl.DataFrame:
        """Return the ideal points: state, period, estimate, se, lo, hi, n.

        One row per state and period in which it cast ``n`` votes that count; by period, then state.
        The interval is estimate ± quantile × se at `level`.
        """
        given = self.fitted.given
        voted = np.flatnonzero(given.votes > 0)
        estimate = self.fitted.points[voted]
        se = self.fitted.se[voted]
        half = NormalDist().inv_cdf(0.5 + self.level / 2) * se
        return pl.DataFrame(
            {
                "state": pl.Series(given.states)[given.node_state[voted]],
                "period": pl.Series(list(given.periods))[given.node_period[voted]],
                "estimate": estimate,
                "se": se,
                "lo": estimate - half,
                "hi": estimate + half,
                "n": given.votes[voted].astype(np.int64),
            }
        )

    @cached_property
    def items(self) -> pl.DataFrame:
        """Return the items that were fitted, one row each.

        ``item, roll_calls`` (how many share it)``, beta, cut_yes, cut_no``: a state at x votes yes
        with probability Φ(cut_yes − beta x) and no with Φ(beta x − cut_no); ``line_yes, line_no``: the
        ideal points at which yes, and no, are as likely as not (empty where there is none in
        reach); ``yes, abstain, no``: votes; ``side``: where yes is the likelier, ``above`` or ``below``.
        """
        fitted = self.fitted
        beta, lower, upper = fitted.line.items(fitted.mode.items)
        if self.choices.response == "binary":
            lower = upper = 0.5 * (lower + upper)
        calls, flat = self._item_counts()
        return pl.DataFrame(
            {
                "item": pl.Series(fitted.given.items, dtype=pl.String),
                "roll_calls": calls,
                "beta": beta,
                "cut_yes": lower,
                "cut_no": upper,
                "line_yes": _line(lower, beta),
                "line_no": _line(upper, beta),
                "yes": flat[:, YES],
                "abstain": flat[:, ABSTAIN],
                "no": flat[:, NO],
                "side": pl.Series(np.where(beta < 0, "above", "below")),
            }
        )

    # -- how it was found --------------------------------------------------------------------------

    @property
    def dimensions(self) -> int:
        """Return the number of dimensions."""
        return 1

    @property
    def model(self) -> str:
        """Return the model in words."""
        linked = int((self.items["roll_calls"] > 1).sum())
        parts = [f"{self.choices.response} probit", self.choices.dynamics]
        if self.choices.model:
            parts.append(f"priors of {self.choices.model}")
        if linked:
            parts.append(f"{linked} linked items")
        if self.integrated:
            parts.append("items integrated out")
        return ", ".join(parts)

    @property
    def held_out(self) -> HeldOut | None:
        """Return how the strength of priors was chosen, where that was asked."""
        return self.fitted.held_out

    # -- what can be done with it ------------------------------------------------------------------

    def predict(self, cells: Any) -> pl.DataFrame:
        """Return cells with the probabilities ``p_yes, p_abstain, p_no``.

        Parameters
        ----------
        cells : frame
            Columns ``roll_call, state, period`` and optionally ``item``; polars, pandas or Arrow.

        Returns
        -------
        frame
            The same rows in the same order. A roll call of the fit uses its item, a new one the item
            named if the fit knows it, else what a roll call is like of which nothing is known. A
            period without the state's votes is reached from its nearest one by the dynamics of the
            model; a state that is not known may stand anywhere the prior allows. The
            probabilities are averaged over the uncertainty of ideal points and items.

        Raises
        ------
        BadInput
            A column is missing or of the wrong kind, or a cell is empty.
        """
        from .predict import predicted

        return predicted(self, cells)

    def compare(self, published: Any) -> Comparison:
        """Return how the ideal points go together with others, period by period.

        Parameters
        ----------
        published : frame or ScaleResult
            Columns ``state`` (or ``state_id``), ``period``, ``estimate``; one row per state and period.

        Returns
        -------
        Comparison
            ``table``: period, pearson, spearman, n; medians and minima over the periods.

        Raises
        ------
        BadInput
            A column is missing, a pair stands twice, or nothing is in both.
        """
        from .compare import compared

        return compared(self, published)

    def plot(
        self,
        kind: str = "trajectories",
        *,
        states: Sequence[str] = (),
        blocs: Mapping[str, Sequence[str]] | Sequence[str] = (),
        item: str = "",
        lang: str = "en",
    ) -> altair.TopLevelMixin:
        """Return a chart.

        Parameters
        ----------
        kind : str
            ``trajectories``: ideal points over time with bands and labels, or, where there is one
            period only, in their order with intervals; ``blocs``: small multiples of groups of
            states; ``item``: the votes on an item along the scale, with its cut lines.
        states : sequence of str
            States that are labelled; without any, some that are spread over the scale.
        blocs : mapping of str to states, or sequence of bodies
            Groups, by name; bodies by name where the votes are those of a record.
        item : str
            An item, or one of its roll calls.
        lang : str
            ``en`` or ``zh``.

        Raises
        ------
        BadInput
            There is no such kind, state, bloc or item.
        """
        from .chart import chart

        return chart(self, kind, states=states, blocs=blocs, item=item, lang=lang)

    def explain(self, lang: str = "en") -> str:
        """Return how the numbers were made: model, search, scale, what was left out, limits, sources."""
        from .explained import explained

        return explained(self, lang)

    def reading(self, lang: str = "en") -> list[str]:
        """Return model, search, scale and limits, one per line."""
        from .explained import reading

        return reading(self, lang)

    def cite(self) -> str:
        """Return BibTeX entries of the sources and of the method."""
        from .explained import cited

        return cited(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as the JSON contract has it."""
        line = self.fitted.line
        return {
            **self._told(),
            "held_out": self._held_out(),
            "scale": {"centre": line.centre, "unit": line.unit},
            **self._rows(),
        }

    def _held_out(self) -> dict[str, Any] | None:
        found = self.fitted.held_out
        if found is None:
            return None
        return {"votes": found.votes, "candidates": [asdict(c) for c in found.candidates]}

    def draws(
        self,
        chains: int = 4,
        draws: int = 500,
        *,
        warmup: int = 500,
        thin: int = 3,
        seed: int = 0,
        say: Callable[[str], None] | None = None,
    ) -> Draws:
        """Return draws of all ideal points and items from the full posterior, by a Gibbs sampler.

        Parameters
        ----------
        chains, draws : int
            Chains, and draws of each that are kept.
        warmup, thin : int
            Sweeps of each chain that are thrown away before, and sweeps for each draw.
        seed : int
            Seed; the same draws every time.
        say : function, optional
            Told how far it is.

        Returns
        -------
        Draws
            ``points`` and ``items`` with means, intervals, R-hat and effective sample sizes; ``array`` (chains x
            draws x points); ``converged``, ``compare()`` with the standard errors, ``to_dict()``. Chains that do
            not agree are returned and marked.

        Raises
        ------
        BadInput
            A number is not whole or too small, or the draws would not fit into memory.

        Complexity
        ----------
        In each sweep several passes over the votes: about a fifth of a second for all votes of the
        General Assembly, where ``thin=1`` already gives means and standard deviations.
        """
        from .draws import draws_of

        return draws_of(
            self, chains=chains, draws=draws, warmup=warmup, thin=thin, seed=seed, say=say
        )

    def to_inference_data(
        self, draws: int = 1000, seed: int = 0, *, drawn: Draws | None = None
    ) -> Any:
        """Return draws in the groups of ArviZ: of the posterior where they are given, else of its normal form.

        Parameters
        ----------
        draws, seed : int
            Draws of every ideal point from the normal approximation, and their seed.
        drawn : Draws, optional
            What `draws` returned.

        Returns
        -------
        xarray.DataTree
            Group ``posterior`` (``ideal_point`` by chain, draw and point), ``constant_data`` (votes cast,
            estimate, standard error). With ``drawn``, what holds of differences between points holds of the
            draws; the normal approximation is drawn point by point, and there it does not.

        Raises
        ------
        BadInput
            ``drawn`` belongs to another result.
        MissingExtra
            xarray is not installed.
        """
        from .inference import inference_data

        return inference_data(self, draws, seed, drawn=drawn)


def _line(cut: np.ndarray[Any, Any], beta: np.ndarray[Any, Any]) -> pl.Series:
    """Return the ideal points at which a cutpoint lies; null where there is none in reach."""
    with np.errstate(divide="ignore", invalid="ignore"):
        at = cut / beta
    at[~(np.abs(at) < _LINE_FAR)] = np.nan
    return pl.Series(at).fill_nan(None)
