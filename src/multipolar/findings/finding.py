"""The one currency between measures and everything shown: findings, exhibits and the profile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FACETS = ("seat", "nod", "voice", "purse", "ties", "record")
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class RowRef:
    """A row of the record: its table and its key values joined by ``|``.

    ``dataset`` is set where the row is one of a pulled dataset.
    """

    table: str
    key: str
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class RowSet:
    """Many rows of a pulled dataset: those whose columns hold these values.

    A value may be a pair of days or years: first and last, both included.
    """

    table: str
    dataset: str
    where: tuple[tuple[str, object], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement about a state in a body, with its number, coverage, method, sources.

    Attributes
    ----------
    state, facet, body, measure, as_of : str
        Together the identity: ``STATE/facet/body/measure@as_of``. ``body`` is ``all`` where the
        finding spans bodies.
    value : float, int, str or None
        The number, or a word; None means not known, never zero.
    lo, hi, level : float or None
        Interval and its level, where the value is an estimate from ``n`` cases.
    unit : str
        ``share`` (0-1), ``percent``, ``count``, ``usd``, ``votes``, ``yes_no``, ``rank``, ``date``…
    n : int or None
        Cases behind the value.
    coverage : str
        ``complete``, ``partial`` or ``none``: how much of what the measure asks the record holds.
    method : str
        Key into the formulas shown by ``explain``.
    sources : tuple of str
        Source ids.
    rows : tuple of RowRef
        The rows it was computed from.
    sets : tuple of RowSet
        Sets of rows of pulled datasets that it was computed from.
    direction : str
        ``depends``, ``works_without`` or ``context``: which way it speaks on the question.
    sentences : mapping of language to str
        The statement as a sentence.
    """

    state: str
    facet: str
    body: str
    measure: str
    as_of: str
    value: float | int | str | None
    unit: str
    coverage: str
    method: str
    sources: tuple[str, ...]
    rows: tuple[RowRef, ...]
    sentences: Mapping[str, str]
    lo: float | None = None
    hi: float | None = None
    level: float | None = None
    n: int | None = None
    direction: str = "context"
    sets: tuple[RowSet, ...] = ()

    @property
    def id(self) -> str:
        """Return the finding's permanent name."""
        return f"{self.state}/{self.facet}/{self.body}/{self.measure}@{self.as_of}"

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as the JSON contract has it."""
        return {
            "id": self.id,
            "measure": self.measure,
            "value": self.value,
            "lo": self.lo,
            "hi": self.hi,
            "level": self.level,
            "unit": self.unit,
            "n": self.n,
            "coverage": self.coverage,
            "as_of": self.as_of,
            "method": self.method,
            "direction": self.direction,
            "sources": list(self.sources),
            "sentence_en": self.sentences.get("en", ""),
            "sentence_zh": self.sentences.get("zh", ""),
        }


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What a chart shows: language-neutral rows, a title computed from them, and sources.

    ``rows`` hold codes, dates (ISO), numbers and None (not known); the room that draws looks up
    names and words. ``titles`` and ``subtitles`` map language to a sentence.
    """

    exhibit_id: str
    facet: str
    titles: Mapping[str, str]
    subtitles: Mapping[str, str]
    rows: Sequence[Mapping[str, Any]]
    sources: tuple[str, ...]
    coverage: str = "partial"


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """What the record cannot answer, and which dataset would."""

    facet: str
    texts: Mapping[str, str]
    datasets: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the question as the JSON contract has it."""
        return {
            "facet": self.facet,
            "text_en": self.texts["en"],
            "text_zh": self.texts["zh"],
            "datasets": list(self.datasets),
        }


@dataclass(frozen=True, slots=True)
class Profile:
    """The dependence profile of one state on one date.

    Attributes
    ----------
    findings : tuple of Finding
        All of them, in the order of the facets.
    headline : tuple of Finding
        The five to eight of the first screen, chosen by fixed rules, on both sides of the question.
    exhibits : tuple of Exhibit
        What the charts show.
    open_questions : tuple of OpenQuestion
        What is not known here.
    systems : tuple of mapping
        One row per system: what is known, until when.
    warnings : mapping of language to tuple of str
        Doubts that concern the whole profile.
    """

    state: str
    as_of: str
    record_date: str
    version: str
    names: Mapping[str, str]
    findings: tuple[Finding, ...]
    headline: tuple[Finding, ...]
    exhibits: tuple[Exhibit, ...]
    open_questions: tuple[OpenQuestion, ...]
    systems: tuple[Mapping[str, Any], ...]
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, facet: str) -> Iterator[Finding]:
        """Yield the findings of one facet."""
        return (finding for finding in self.findings if finding.facet == facet)

    def find(self, finding_id: str) -> Finding | None:
        """Return the finding with this id, or None."""
        return next((f for f in self.findings if f.id == finding_id), None)

    def exhibit(self, exhibit_id: str) -> Exhibit | None:
        """Return the exhibit with this id, or None."""
        return next((e for e in self.exhibits if e.exhibit_id == exhibit_id), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the profile as the JSON contract has it."""
        return {
            "state": self.state,
            "name_en": self.names["en"],
            "name_zh": self.names["zh"],
            "as_of": self.as_of,
            "record_date": self.record_date,
            "version": self.version,
            "facets": [
                {"facet": f.facet, "body": f.body, "finding": f.to_dict()} for f in self.findings
            ],
            "evidence": [f.to_dict() for f in self.headline],
            "open_questions": [q.to_dict() for q in self.open_questions],
            "systems": [dict(s) for s in self.systems],
            "warnings": {lang: list(w) for lang, w in self.warnings.items()},
        }
