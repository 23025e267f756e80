"""Ideal points in the plane: from votes to a result, and what can be asked of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...errors import BadInput
from ...measures.scaling.newton import Mode
from ...measures.scaling.plane.coarse import turned
from ...measures.scaling.plane.errors import PlaneErrors, plane_errors
from ...measures.scaling.plane.rotate import Turn, apart, turn_of
from ...measures.scaling.plane.search import Search, compiled, is_compiled
from ...measures.scaling.plane.start import automatic_start
from ...measures.scaling.problem import Problem
from ...measures.scaling.settings import Settings
from ...measures.scaling.standard import difference, state_means
from .cells import ABSENT, ABSTAIN, NO, YES, Array, Cells
from .choices import Choices, Note, Subject
from .estimate import (
    COMPILING,
    SMALL,
    Check,
    Dropped,
    Polarity,
    check_named,
    divided,
    line_of,
    problem_of,
)
from .scaled import Scaled, polarity_told

if TYPE_CHECKING:
    import altair

    from .compare import Comparison

Pair = tuple[str, str]
LEAST_STATES = 4
ASIDE = 0.5
"""Standard deviations from the middle from which a state can tell which end of the second axis is up."""


@dataclass(frozen=True, eq=False)
class PlaneFitted:
    """A search in the plane that has ended, with everything that results are read from.

    Attributes
    ----------
    counted : Cells
        The votes that count; those of items that were left out are among them.
    given : Problem
        The votes that were fitted.
    item_of : array of int, one per item of the votes
        Its place in the fit; -1 where it was left out.
    settings : Settings
    search : Search
        The search, for what is asked of it later.
    kernels : module
        The compiled loops.
    mode : Mode
        The mode: positions nodes x 2, items x 4 (b1, b2, m, g).
    errors : PlaneErrors
        Uncertainty of what is shown.
    turn : Turn
        The scale that is shown.
    polarity, polarity2 : Polarity
        Which end of each axis is up.
    dropped : tuple of Dropped
    check : Check or None
    absent : int
        Absences among the votes that were given.
    seconds : float
        From votes to errors.
    """

    counted: Cells
    given: Problem
    item_of: Array
    settings: Settings
    search: Search
    kernels: ModuleType
    mode: Mode
    errors: PlaneErrors
    turn: Turn
    polarity: Polarity
    polarity2: Polarity
    dropped: tuple[Dropped, ...]
    check: Check | None
    absent: int
    seconds: float

    @property
    def points(self) -> Array:
        """Return the positions of all nodes on the scale that is shown, nodes x 2."""
        return self.turn.points(self.mode.theta)

    @property
    def se(self) -> Array:
        """Return their standard errors, nodes x 2."""
        return self.errors.nodes


def plane_fitted(
    cells: Cells, choices: Choices, say: Callable[[str], None], second: Pair | None = None
) -> PlaneFitted:
    """Fit the model in two dimensions to votes.

    Parameters
    ----------
    cells : Cells
        The votes.
    choices : Choices
        How, as in one dimension; ``polarity`` is of the first axis, ``anchors`` there are none.
    say : function
        Told when loops have to be compiled first.
    second : (str, str), optional
        Two states, the one that is above on the second axis first.

    Raises
    ------
    BadInput
        A choice is of one dimension only or names a state without votes, or the votes do not tell
        states apart, in one dimension or in two.
    """
    _check_choices(choices, second)
    settings = choices.settings()
    counted = cells.cast(choices.absence, choices.response)
    named = (*(choices.polarity or ()), *(second or ()))
    check_named(cells.states, counted, named)
    kept, item_of, dropped = divided(counted, choices.lopsided)
    begin = time.perf_counter()
    votes = counted.chosen(kept)
    given = problem_of(votes, item_of, static=choices.dynamics == "static")
    if len(given.states) < LEAST_STATES:
        raise BadInput(
            f"two dimensions need {LEAST_STATES} states; these votes have {len(given.states)}."
        )
    for state in named:
        if state not in given.states:
            raise BadInput(f"{state} has no vote that counts: on its roll calls all voted alike.")
    kernels = compiled()
    if not is_compiled():
        say(COMPILING)
    search = Search(given, settings, kernels)
    start = automatic_start(given)
    mode, check = search.run(start, search.first_items(), steps=choices.steps), None
    if choices.check or (choices.check is None and given.cells <= SMALL):
        other = search.run(_far(start, choices.seed), search.first_items(), steps=choices.steps)
        mode, check = _compared(given, mode, other)
    turn, polarity, polarity2 = _upright(given, mode, votes, choices, second)
    return PlaneFitted(
        counted,
        given,
        item_of,
        settings,
        search,
        kernels,
        mode,
        plane_errors(search, mode, turn),
        turn,
        polarity,
        polarity2,
        dropped,
        check,
        int((cells.category == ABSENT).sum()),
        time.perf_counter() - begin,
    )


def _check_choices(choices: Choices, second: Pair | None) -> None:
    if choices.anchors:
        raise BadInput(
            "anchors fix a scale of one dimension; two dimensions have none.",
            hint="Name two states with polarity for each axis.",
        )
    if choices.held_out:
        raise BadInput(
            "priors are chosen by held-out votes in one dimension only; give their strengths."
        )
    if choices.model:
        raise BadInput(f"the model {choices.model} has one dimension; leave it away.")
    if second is not None and (
        isinstance(second, str) or len(second) != 2 or second[0] == second[1]
    ):
        raise BadInput("the polarity of the second axis names two states, the one above first.")


def _far(start: Array, seed: int) -> Array:
    """Return a start with its axes exchanged, close to the middle, and noise."""
    noise = np.random.default_rng(seed).standard_normal(start.shape)
    return np.asarray(-0.1 * turned(start) + 0.05 * noise)


def _compared(given: Problem, mode: Mode, other: Mode) -> tuple[Mode, Check]:
    """Return the better of two modes, and how far apart they are once turned alike."""
    distance = apart(given, mode.theta, other.theta)
    at = int(np.argmax(distance))
    better = other.converged >= mode.converged and other.value > mode.value + 1e-6 * abs(mode.value)
    best, rest = (other, mode) if better else (mode, other)
    where = given.states[given.node_state[at]], given.periods[given.node_period[at]]
    return best, Check(float(distance[at]), *where, best.value - rest.value, rest.converged)


def _upright(
    given: Problem, mode: Mode, votes: Cells, choices: Choices, second: Pair | None
) -> tuple[Turn, Polarity, Polarity]:
    """Return the scale that is shown, with the ends of both axes where the rules have them."""
    turn = turn_of(given, mode.theta, mode.items)
    points = turn.points(mode.theta)
    line, polarity = line_of(given, points[:, 0], votes, choices)
    if second is not None:
        a, b = (given.states.index(state) for state in second)
        gap = difference(given, points[:, 1], a, b)
        if gap == 0:
            raise BadInput(
                f"{second[0]} and {second[1]} are at the same place on the second axis: they cannot "
                "tell which end is up."
            )
        rule = Polarity("named", second)
    else:
        means = state_means(given, points[:, 1])
        aside = np.flatnonzero(np.abs(means) >= ASIDE)
        at = int(aside[0]) if len(aside) else int(np.argmax(np.abs(means)))
        gap, rule = float(means[at]), Polarity("first", (given.states[at],))
    return turn.flipped(line.unit < 0, gap < 0), polarity, rule


@dataclass(frozen=True, eq=False)
class PlaneResult(Scaled):
    """Ideal points in two dimensions.

    Attributes
    ----------
    subject : Subject
        Where the votes were read.
    choices : Choices
        What was asked.
    fitted : PlaneFitted
        The search and its arrays, on the scale of the model.
    notes : tuple of (str, str)
        What has to be known to read the numbers, in English and Chinese.
    """

    subject: Subject
    choices: Choices
    fitted: PlaneFitted = field(repr=False)
    notes: tuple[Note, ...] = ()

    # -- what was found ----------------------------------------------------------------------------

    @cached_property
    def points(self) -> pl.DataFrame:
        """Return the ideal points: state, period, then estimate, se, lo, hi on each axis, and n.

        One row per state and period in which it cast ``n`` votes that count; by period, then state.
        Columns of the second axis end in 2. An interval is estimate ± quantile × se at `level`, for
        each coordinate by itself.
        """
        given = self.fitted.given
        voted = np.flatnonzero(given.votes > 0)
        estimate, se = self.fitted.points[voted], self.fitted.se[voted]
        half = NormalDist().inv_cdf(0.5 + self.level / 2) * se
        columns: dict[str, Any] = {
            "state": pl.Series(given.states)[given.node_state[voted]],
            "period": pl.Series(list(given.periods))[given.node_period[voted]],
        }
        for d, end in enumerate(("", "2")):
            columns[f"estimate{end}"], columns[f"se{end}"] = estimate[:, d], se[:, d]
            columns[f"lo{end}"] = estimate[:, d] - half[:, d]
            columns[f"hi{end}"] = estimate[:, d] + half[:, d]
        return pl.DataFrame({**columns, "n": given.votes[voted].astype(np.int64)})

    @cached_property
    def items(self) -> pl.DataFrame:
        """Return the items that were fitted, one row each.

        ``item, roll_calls`` (how many share it)``, beta, beta2, cut_yes, cut_no``: a state at (x, y)
        votes yes with probability Φ(cut_yes − beta x − beta2 y) and no with Φ(beta x + beta2 y −
        cut_no); ``angle``: of the cut lines with the first axis, in degrees from 0 to 180 (at 90
        the item divides along the first axis alone); ``yes, abstain, no``: votes; ``side``: where
        along the first axis yes is the likelier, ``above`` or ``below``.
        """
        fitted = self.fitted
        beta, lower, upper = fitted.turn.items(fitted.mode.items)
        calls, flat = self._item_counts()
        return pl.DataFrame(
            {
                "item": pl.Series(fitted.given.items, dtype=pl.String),
                "roll_calls": calls,
                "beta": beta[:, 0],
                "beta2": beta[:, 1],
                "cut_yes": lower,
                "cut_no": upper,
                "angle": np.degrees(np.arctan2(beta[:, 0], -beta[:, 1])) % 180.0,
                "yes": flat[:, YES],
                "abstain": flat[:, ABSTAIN],
                "no": flat[:, NO],
                "side": pl.Series(np.where(beta[:, 0] < 0, "above", "below")),
            }
        )

    # -- how it was found --------------------------------------------------------------------------

    @property
    def dimensions(self) -> int:
        """Return the number of dimensions."""
        return 2

    @property
    def model(self) -> str:
        """Return the model in words."""
        linked = int((self.items["roll_calls"] > 1).sum())
        parts = [f"{self.choices.response} probit", "two dimensions", self.choices.dynamics]
        return ", ".join([*parts, f"{linked} linked items"] if linked else parts)

    @property
    def shares(self) -> tuple[float, float]:
        """Return what part of the variance of the latent responses, noise left out, is along each axis."""
        return self.fitted.turn.shares

    @property
    def rotation(self) -> dict[str, str]:
        """Return by what rule the plane is turned, by language."""
        from .plane_text import rotation

        en, zh = rotation(self)
        return {"en": en, "zh": zh}

    @property
    def polarity2(self) -> Polarity:
        """Return which end of the second axis is up, and by what rule."""
        return self.fitted.polarity2

    # -- what can be done with it ------------------------------------------------------------------

    def predict(self, cells: Any) -> pl.DataFrame:
        """Return cells with the probabilities ``p_yes, p_abstain, p_no``.

        Parameters
        ----------
        cells : frame
            Columns ``roll_call, state, period`` and optionally ``item``; read as by
            `ScaleResult.predict`.

        Returns
        -------
        frame
            The same rows in the same order; probabilities are averaged over the uncertainty of ideal
            points and items.

        Raises
        ------
        BadInput
            A column is missing or of the wrong kind, or a cell is empty.
        """
        from .plane_predict import predicted

        return predicted(self, cells)

    def compare(self, published: Any) -> Comparison:
        """Return how the first axis goes together with other ideal points, period by period.

        Parameters
        ----------
        published : frame or result
            Columns ``state`` (or ``state_id``), ``period``, ``estimate``; one row per state and period.

        Raises
        ------
        BadInput
            A column is missing, a pair stands twice, or nothing is in both.
        """
        from .compare import compared

        return compared(self, published)

    def plot(
        self,
        kind: str = "plane",
        *,
        states: Sequence[str] = (),
        item: str = "",
        period: Any = None,
        lang: str = "en",
    ) -> altair.TopLevelMixin:
        """Return a chart of the plane in one period.

        Parameters
        ----------
        kind : str
            ``plane``: the states on both axes; ``item``: the votes on an item, with its cut lines.
        states : sequence of str
            States that are labelled; without any, as many as have room.
        item : str
            An item, or one of its roll calls.
        period : label, optional
            The period; without one the last, or the last in which the item was voted on.
        lang : str
            ``en`` or ``zh``.

        Raises
        ------
        BadInput
            There is no such kind, state, period or item.
        """
        from .plane_chart import chart

        return chart(self, kind, states=states, item=item, period=period, lang=lang)

    def explain(self, lang: str = "en") -> str:
        """Return how the numbers were made: model, search, scale, what was left out, limits, sources."""
        from .plane_text import explained

        return explained(self, lang)

    def reading(self, lang: str = "en") -> list[str]:
        """Return model, search, scale and limits, one per line."""
        from .plane_text import reading

        return reading(self, lang)

    def cite(self) -> str:
        """Return BibTeX entries of the sources and of the method."""
        from .plane_text import cited

        return cited(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as the JSON contract has it: that of one dimension, and the second axis."""
        turn = self.fitted.turn
        return {
            **self._told(),
            "scale": {"centre": turn.centre.tolist(), "by": turn.by.tolist()},
            "shares": list(self.shares),
            "rotation": self.rotation["en"],
            "rotation_zh": self.rotation["zh"],
            "polarity2": polarity_told(self.polarity2),
            **self._rows(),
        }
