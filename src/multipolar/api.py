"""The commands as Python functions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from .findings.explain import explain_finding, parse_id
from .findings.finding import Profile
from .findings.profile import build_profile
from .output import write_new
from .record.dates import parse_date
from .record.names import Registry
from .record.store import Record, open_record

Day = date | str | None


def open(store: str | os.PathLike[str] | None = None) -> Record:
    """Open the record: the almanac that ships, plus the rows of a store.

    Parameters
    ----------
    store : path, optional
        A directory with the user's own rows (``STORE/almanac/TABLE.csv``).

    Raises
    ------
    BadInput
        The store is not a directory.
    BadTable
        A table breaks its schema; the error names file, row and column.

    Examples
    --------
    >>> record = open()
    >>> record.names.state("美国")
    'USA'
    """
    return open_record(store)


@dataclass(frozen=True)
class Report:
    """The dependence profile of a state, ready to be shown.

    Attributes
    ----------
    record : Record
        What it was computed from.
    profile : Profile
        The findings, exhibits and open questions.
    lang : str
        ``en`` or ``zh``.
    """

    record: Record
    profile: Profile
    lang: str = "en"

    @cached_property
    def html(self) -> str:
        """Return the report as one self-contained page."""
        from .report import html

        return html.render(self.profile, self.record.names, self._sources, self.lang)

    @cached_property
    def markdown(self) -> str:
        """Return the report as Markdown."""
        from .report import markdown

        return markdown.render(self.profile, self.record.names, self._sources, self.lang)

    @property
    def _sources(self) -> Any:
        return self.record.keyed("sources")

    def to_dict(self) -> dict[str, Any]:
        """Return the report as the JSON contract has it."""
        return self.profile.to_dict()

    def explain(self, finding_id: str) -> dict[str, Any]:
        """Return formula, rows and sources of one finding."""
        return explain_finding(self.record, self.profile, finding_id)

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write the page to a file, whole or not at all; an existing file needs ``force``."""
        write_new(os.fspath(path), self.html.encode(), force=force)


def report(record: Record, state: str, *, as_of: Day = None, lang: str = "en") -> Report:
    """Return the dependence profile of a state.

    Parameters
    ----------
    record : Record
        From `open`.
    state : str
        Code or name, in any spelling the registry knows.
    as_of : date or ISO text, optional
        The day; without it the day on which the record was last reviewed.
    lang : str
        Language of the page: ``en`` or ``zh``.

    Raises
    ------
    UnknownName, AmbiguousName
        The state is not known, or could be several.
    OutOfCoverage
        The record cannot speak of that day, or the state did not exist on it.

    Uncertainty
    -----------
    Shares of cases carry 95 per cent Wilson intervals; counts and sums are exact for the rows on
    record and say nothing about rows that are missing.

    Examples
    --------
    >>> import multipolar as mp
    >>> fiji = mp.report(mp.open(), "Fiji", as_of="2026-01-01")
    >>> next(f.value for f in fiji.profile.findings if f.measure == "assessed_share")
    0.003
    """
    day = parse_date(as_of) if isinstance(as_of, str) else as_of
    code = record.names.state(state, day)
    return Report(record, build_profile(record, code, day), lang)


def compare(record: Record, states: Sequence[str], *, as_of: Day = None) -> dict[str, Any]:
    """Return the findings of several states side by side.

    Returns
    -------
    dict
        ``as_of``, ``states`` and ``rows``: facet, body, measure, unit and, per state, the value;
        a state without the finding has None.
    """
    profiles = [report(record, state, as_of=as_of).profile for state in states]
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for profile in profiles:
        for finding in profile.findings:
            row = rows.setdefault(
                (finding.facet, finding.body, finding.measure),
                {
                    "facet": finding.facet,
                    "body": finding.body,
                    "measure": finding.measure,
                    "unit": finding.unit,
                    "values": {p.state: None for p in profiles},
                    "findings": {p.state: None for p in profiles},
                },
            )
            row["values"][profile.state] = finding.value
            row["findings"][profile.state] = finding.id
    order = {
        facet: i for i, facet in enumerate(("seat", "nod", "voice", "purse", "ties", "record"))
    }
    return {
        "as_of": profiles[0].as_of,
        "states": [p.state for p in profiles],
        "rows": [rows[key] for key in sorted(rows, key=lambda k: (order[k[0]], k[1:]))],
    }


def explain(record: Record, finding_id: str) -> dict[str, Any]:
    """Return formula, rows and sources of a finding.

    Raises
    ------
    BadInput
        The id has not the form ``STATE/facet/body/measure@YYYY-MM-DD``.
    UnknownFinding
        There is no such finding.
    """
    state, day = parse_id(finding_id)
    return report(record, state, as_of=day).explain(finding_id.strip())


def names(text: str, *, as_of: Day = None) -> dict[str, Any]:
    """Return what a spelling resolves to, or the candidates and the reason for refusing.

    Examples
    --------
    >>> names("Zaire")["code"], names("Korea")["candidates"]
    ('COD', ['KOR', 'PRK'])
    """
    day = parse_date(as_of) if isinstance(as_of, str) else as_of
    return Registry.load().lookup(text, day)
