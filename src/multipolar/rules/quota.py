"""Quotas: exact shares and counts, read from text, written in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ..errors import BadInput

MAJORITY = "majority"
_EN = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven"}
_EN_PARTS = {2: ("half", "halves"), 3: ("third", "thirds"), 4: ("quarter", "quarters")} | {
    5: ("fifth", "fifths"),
    8: ("eighth", "eighths"),
}
_ZH = "零一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Quota:
    """The least that is enough: a share of a base, or a number.

    Attributes
    ----------
    value : Fraction
        The share (0 to 1) or the number.
    share : bool
        Whether ``value`` is a share of the base.
    strict : bool
        Whether more than ``value`` is needed.
    """

    value: Fraction
    share: bool
    strict: bool = False

    @classmethod
    def read(cls, given: str | int | Fraction, strict: bool = False) -> Quota:
        """Read ``"2/3"``, ``"0.85"``, ``"85%"``, ``"majority"``, or a whole number.

        Raises
        ------
        BadInput
            The quota is a float, zero, negative, above the total, or not a number.
        """
        if isinstance(given, bool) or not isinstance(given, str | int | Fraction):
            raise BadInput(
                f"the quota {given!r} is not exact.", hint='Write "85/100" or a whole number.'
            )
        if given == MAJORITY:
            return cls(Fraction(1, 2), share=True, strict=True)
        quota = cls(_number(given), share=not isinstance(given, int), strict=strict)
        if quota.value <= 0:
            raise BadInput(f"the quota {given} is not above zero.")
        if quota.share and (quota.value > 1 or (strict and quota.value == 1)):
            raise BadInput(f"the quota {'above ' * strict}{given} is above the total.")
        return quota

    @property
    def argument(self) -> str:
        """Return the quota as the first argument of a constructor."""
        if not self.share:
            return str(self.value)
        if self.strict and self.value == Fraction(1, 2):
            return f'"{MAJORITY}"'
        return f'"{written(self.value)}"'

    @property
    def says_strict(self) -> bool:
        """Return whether ``strict=True`` must be written beside the argument."""
        return self.strict and self.argument != f'"{MAJORITY}"'

    def words(self, lang: str) -> str:
        """Return the quota with its comparison: "at least two thirds of", "至少三分之二"."""
        if lang == "zh":
            if self.share and self.strict and self.value == Fraction(1, 2):
                return "过半数"
            return ("超过" if self.strict else "至少") + amount(self.value, self.share, lang)
        start = "more than" if self.strict else "at least"
        return f"{start} {amount(self.value, self.share, lang)}" + " of" * self.share

    def reached(self, excess: Fraction) -> bool:
        """Return whether what there is, less what is needed, is enough."""
        return excess > 0 if self.strict else excess >= 0


def written(share: Fraction) -> str:
    """Return a share as charters write it: hundredths where it is not a simple part.

    Examples
    --------
    >>> written(Fraction(85, 100)), written(Fraction(2, 3))
    ('85/100', '2/3')
    """
    if share.denominator > 5 and 100 % share.denominator == 0:
        return f"{share * 100}/100"
    return f"{share.numerator}/{share.denominator}"


def amount(value: Fraction, share: bool, lang: str) -> str:
    """Return a quota's amount in words or figures."""
    if not share:
        return str(value)
    if lang == "zh":
        if value == Fraction(1, 2):
            return "半数"
        if value == 1:
            return "全部"
        if value.denominator in (3, 4, 5, 8):
            return f"{_ZH[value.denominator]}分之{_ZH[value.numerator]}"
        return percent(value)
    if value == 1:
        return "all"
    if value == Fraction(1, 2):
        return "half"
    if value.denominator in _EN_PARTS:
        return f"{_EN[value.numerator]} {_EN_PARTS[value.denominator][value.numerator > 1]}"
    return percent(value)


def percent(value: Fraction) -> str:
    """Return a share in per cent, cut (not rounded) to three decimals.

    Examples
    --------
    >>> percent(Fraction(17, 20)), percent(Fraction(2, 3))
    ('85%', '66.666%')
    """
    cut = Decimal(int(value * 100_000)) / 1000
    return f"{cut.normalize():f}%"


def _number(given: str | int | Fraction) -> Fraction:
    text = str(given).strip()
    try:
        return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise BadInput(
            f"the quota {given!r} is not a number.", hint='Write it as "2/3", "majority" or 9.'
        ) from None
