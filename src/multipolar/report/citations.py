"""Sources numbered in the order in which the page first names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Source = Mapping[str, str]


@dataclass(slots=True)
class Citations:
    """Gives each source its number.

    Attributes
    ----------
    known : mapping of source id to mapping
        ``publisher, title, url, retrieved`` of every source of the record.
    """

    known: Mapping[str, Source]
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, source_id: str) -> int:
        """Return the source's number, a new one the first time."""
        return self.numbers.setdefault(source_id, len(self.numbers) + 1)

    def all(self, source_ids: Iterable[str]) -> list[int]:
        """Return the numbers of several sources, each once, in rising order."""
        return sorted({self.number(source_id) for source_id in source_ids})

    def listed(self) -> list[tuple[int, Source]]:
        """Return every source named so far, by number; an unknown id stands for itself."""
        blank = {"publisher": "", "url": "", "retrieved": ""}
        return [
            (number, self.known.get(source_id) or {**blank, "title": source_id})
            for source_id, number in self.numbers.items()
        ]


def ranges(numbers: list[int]) -> list[tuple[int, int]]:
    """Return rising numbers as runs, so that 1, 2, 3, 7 becomes 1-3, 7."""
    out: list[tuple[int, int]] = []
    for number in numbers:
        if out and out[-1][1] == number - 1:
            out[-1] = (out[-1][0], number)
        else:
            out.append((number, number))
    return out
