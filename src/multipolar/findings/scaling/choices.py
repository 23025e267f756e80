"""What may be asked of a scaling beyond the votes, and what a result says of its votes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import BadInput
from ...measures.scaling.settings import DYNAMICS, MODELS, RESPONSES, Settings

Note = tuple[str, str]
"""A remark in English and Chinese."""
ABSENCES = ("missing", "no", "abstain")


@dataclass(frozen=True)
class Choices:
    """Choices; states as the votes label them.

    Attributes
    ----------
    response, dynamics : str
        See `Settings`.
    level : float
        Level of the intervals.
    polarity : (str, str) or None
        The first is above the second; None: by the rule that the result states.
    anchors : mapping of str to float, or None
        Two states and the mean ideal point that each has; None: mean 0 and standard deviation 1.
    absence : str
        ``missing``: an absence says nothing; ``no`` or ``abstain``: it counts as such.
    lopsided : float
        Items with a smaller share of votes outside their largest group are left out.
    check : bool or None
        Whether the search is repeated from a far start; None: where there are few votes.
    seed : int
        Seed of that start.
    steps : int
        Newton steps, at most.
    priors : mapping of str to float
        Strengths of priors that are not the default; see `Settings`.
    held_out : bool
        Whether step and pull are chosen by the likelihood of held-out votes.
    model : str
        A model of others in place of the defaults; see `MODELS`.
    """

    response: str = "ordinal"
    dynamics: str = "mean-reverting"
    level: float = 0.9
    polarity: tuple[str, str] | None = None
    anchors: Mapping[str, float] | None = None
    absence: str = "missing"
    lopsided: float = 0.0
    check: bool | None = None
    seed: int = 0
    steps: int = 100
    priors: Mapping[str, float] = field(default_factory=dict)
    held_out: bool = False
    model: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises
        ------
        BadInput
            A choice is not known, or two exclude one another.
        """
        for name, value, known in (
            ("response", self.response, RESPONSES),
            ("dynamics", self.dynamics, DYNAMICS),
            ("absence", self.absence, ABSENCES),
        ):
            if value not in known:
                raise BadInput(
                    f"{value!r} is no {name}; there are {', '.join(known)}.", candidates=known
                )
        _between("level", self.level, 0.0, 1.0, ends=False)
        _between("lopsided", self.lopsided, 0.0, 0.5, ends=True)
        for name, whole, least in (("steps", self.steps, 1), ("seed", self.seed, 0)):
            if not isinstance(whole, int) or whole < least:
                raise BadInput(f"{name} is {whole!r}, not a whole number from {least} on.")
        if self.absence == "abstain" and self.response == "binary":
            raise BadInput(
                "a binary response leaves abstentions out: absences cannot be abstentions."
            )
        self._check_ends()
        if self.model and self.response != "ordinal":
            raise BadInput(f"the model {self.model} is of ordinal responses.")
        self.settings()

    def _check_ends(self) -> None:
        if self.polarity is not None and self.anchors:
            raise BadInput("anchors fix which end is up: leave polarity away.")
        if self.polarity is not None and (
            isinstance(self.polarity, str)
            or len(self.polarity) != 2
            or self.polarity[0] == self.polarity[1]
        ):
            raise BadInput("polarity names two states, the one above first.")
        if self.anchors is not None:
            values = list(self.anchors.values())
            numbers = [v for v in values if isinstance(v, int | float) and abs(v) < 1e6]
            if len(numbers) != 2 or len(values) != 2 or numbers[0] == numbers[1]:
                raise BadInput("anchors are two states with two different numbers.")

    def settings(self) -> Settings:
        """Return the model.

        Raises
        ------
        BadInput
            A prior is not known, or its strength is none.
        """
        known = ("step", "pull", "slope", "middle", "gap_shape", "gap_rate")
        for name, value in self.priors.items():
            if name not in known:
                raise BadInput(
                    f"there is no prior {name!r}; there are {', '.join(known)}.", candidates=known
                )
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise BadInput(f"the prior {name} is {value!r}, not a number.")
        if self.model and self.model not in MODELS:
            raise BadInput(
                f"{self.model!r} is no model of others; there is {', '.join(MODELS)}.",
                candidates=tuple(MODELS),
            )
        base = MODELS[self.model] if self.model else Settings()
        return base.changed(response=self.response, dynamics=self.dynamics, **dict(self.priors))


def _between(name: str, value: Any, low: float, high: float, *, ends: bool) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not (low <= value < high if ends else low < value < high):
        raise BadInput(f"{name} is {value!r}, not between {low:g} and {high:g}.")


@dataclass(frozen=True)
class Subject:
    """What a result says of its votes: where from, names of states, remarks, sources.

    Attributes
    ----------
    body, dataset, source_id : str or None
        Where the votes were read; None for votes of the user's own.
    period : str
        What a period is: ``year``, ``session``, ``term``, or ``period``.
    title : (str, str) or None
        English and Chinese name of the body.
    names : mapping of str to (str, str)
        English and Chinese names of states.
    notes : tuple
        What has to be known of the votes.
    sources : tuple of mapping
        ``source_id, publisher, title, url, retrieved``.
    members : function or None
        Returns the states of a bloc that is named as a body.
    """

    body: str | None = None
    dataset: str | None = None
    source_id: str | None = None
    period: str = "period"
    title: tuple[str, str] | None = None
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    sources: tuple[Mapping[str, Any], ...] = ()
    members: Callable[[str], tuple[str, ...]] | None = field(default=None, repr=False)
