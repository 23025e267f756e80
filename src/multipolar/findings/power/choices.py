"""What may be asked of a power result beyond the body and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from ...measures.power.indices import Method

Mode = Literal["absent", "exit"]
MODES: tuple[Mode, ...] = ("absent", "exit")


@dataclass(frozen=True)
class Choices:
    """Choices; states by code.

    Attributes
    ----------
    without, mode : str
        A member that is absent (totals and quotas keep it) or has left (``exit``: its weight is
        removed and the quota computed anew).
    joining : mapping of str to mapping
        New members, each with its named weights.
    blocs : tuple of tuple of str
        Members that vote as one; the rest vote by themselves.
    abstention : bool
        Whether members may abstain, each of yes, abstain and no being equally likely.
    concerned : str
        The member that a rule leaves out as the one concerned.
    containing, excluding : tuple of str
        Members that the smallest coalitions must contain, or must do without.
    minimal : bool
        Whether the indices over minimal winning coalitions are wanted.
    method, draws, seed
        How to compute: ``auto``, ``exact`` or ``monte-carlo``; draws; seed of the draws.
    """

    without: str = ""
    mode: Mode = "absent"
    joining: Mapping[str, Mapping[str, Fraction]] = field(default_factory=dict)
    blocs: tuple[tuple[str, ...], ...] = ()
    abstention: bool = False
    concerned: str = ""
    containing: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
    minimal: bool = False
    method: Method = "auto"
    draws: int | None = None
    seed: int = 0
