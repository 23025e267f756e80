"""Axes: dates to positions, round ticks."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from .svg import Canvas


def year_of(iso: str) -> float:
    """Return a date as years, 2025-07-02 as 2025.5."""
    parts = iso.split("-")
    month = int(parts[1]) if len(parts) > 1 else 1
    day = int(parts[2]) if len(parts) > 2 else 1
    return int(parts[0]) + (month - 1) / 12 + (day - 1) / 372


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from ``[low, high]`` to ``[start, end]``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the position of a value, kept inside the scale."""
        value = min(max(value, self.low), self.high)
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def year_ticks(low: float, high: float, room: float, each: float = 46) -> list[int]:
    """Return round years between two dates, as many as have room."""
    for step in (1, 2, 5, 10, 20, 50):
        first = ceil(low / step) * step
        ticks = list(range(first, floor(high) + 1, step))
        if len(ticks) * each <= room:
            break
    return ticks


def nice_top(value: float) -> tuple[float, float]:
    """Return a round top for an axis that starts at zero, and the step of its ticks."""
    if value <= 0:
        return 1.0, 1.0
    power = 10.0 ** floor(log10(value))
    for factor, parts in (
        (1, 2),
        (1.5, 3),
        (2, 2),
        (3, 3),
        (4, 4),
        (5, 5),
        (6, 3),
        (8, 4),
        (10, 5),
    ):
        if value <= factor * power * 1.0001:
            return factor * power, factor * power / parts
    return 10 * power, 2 * power


def draw_years(canvas: Canvas, scale: Scale, ticks: list[int], top: float, base: float) -> None:
    """Draw thin vertical lines with their years under the base line."""
    for year in ticks:
        x = scale(year)
        canvas.line(x, top, x, base, "sl")
        canvas.text(x, base + 14, str(year), "m", "middle")
