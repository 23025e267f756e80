"""What a scaling assumes: response, dynamics, and the strength of each prior."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ...errors import BadInput

Response = Literal["ordinal", "binary"]
Dynamics = Literal["mean-reverting", "random-walk", "static"]
RESPONSES: tuple[Response, ...] = ("ordinal", "binary")
DYNAMICS: tuple[Dynamics, ...] = ("mean-reverting", "random-walk", "static")
NO_GAP = 1e-9
"""Distance of the cutpoints of a binary response, between which nobody can fall."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The model, written on the scale of the latent normal response.

    A state at theta votes yes on an item with probability Phi(c1 - beta theta), no with
    Phi(beta theta - c2), and abstains otherwise; c1 = m - g/2 and c2 = m + g/2.

    Attributes
    ----------
    response : str
        ``ordinal`` or ``binary`` (yes against no; abstentions left out).
    dynamics : str
        ``mean-reverting``: steps between neighbouring periods and a pull towards 0 in each;
        ``random-walk``: steps, and a pull in the first period only; ``static``: one position.
    step : float
        Variance of a step between neighbouring periods.
    by_votes : bool
        Whether a step's variance grows with the share that the later of the two periods has in the
        votes n that the state cast in both: 2 step n / (n + n before).
    pull : float
        Precision of the pull towards 0.
    slope : float
        Precision of the prior of beta, normal about 0.
    middle : float
        Precision of the prior of m, normal about 0.
    gap_shape, gap_rate : float
        Gamma prior of g; it keeps the cutpoints of items apart on which few abstained.
    """

    response: Response = "ordinal"
    dynamics: Dynamics = "mean-reverting"
    step: float = 0.2
    by_votes: bool = False
    pull: float = 0.6
    slope: float = 1.0
    middle: float = 0.04
    gap_shape: float = 1.5
    gap_rate: float = 0.5

    def __post_init__(self) -> None:
        """Refuse what no model can have."""
        if self.response not in RESPONSES:
            raise BadInput(f"{self.response!r} is not a response.", candidates=RESPONSES)
        if self.dynamics not in DYNAMICS:
            raise BadInput(f"{self.dynamics!r} is no kind of dynamics.", candidates=DYNAMICS)
        for name in ("step", "pull", "slope", "middle", "gap_rate"):
            value = getattr(self, name)
            if not 0 < value < 1e6:
                raise BadInput(f"{name} is {value}, not above 0 (and below a million).")
        if not 1 < self.gap_shape < 1e3:
            raise BadInput(f"gap_shape is {self.gap_shape}, not above 1.")

    def changed(self, **values: object) -> Settings:
        """Return settings with some values changed."""
        return replace(self, **values)  # type: ignore[arg-type]


MODELS = {
    "bailey-strezhnev-voeten": Settings(
        dynamics="random-walk",
        step=0.25,
        by_votes=True,
        pull=1.0,
        slope=1.0,
        middle=1e-4,
        gap_shape=1.01,
        gap_rate=1e-4,
    )
}
"""Models of others as settings.

Bailey, Strezhnev and Voeten (2017): slopes standard normal, cutpoints flat, a position normal about that
of the period before with variance 0.5 n / (n + n before), n being votes cast. Their sampler lets the past
speak to the future only; here both inform each other, as the posterior of a random walk has it.
"""
