"""The commands as Python functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import BadInput
from .findings.agreement import AgreementResult, agreement_of
from .findings.explain import explain_finding, parse_id
from .findings.finding import Profile
from .findings.profile import build_profile
from .output import write_new
from .record.dates import parse_date
from .record.names import Registry
from .record.store import Record, open_record, user_directory

if TYPE_CHECKING:
    from .findings.power.series import PowerSeries
    from .rules.game import Game

Day = date | str | None


def open(store: str | os.PathLike[str] | None = None) -> Record:
    """Open the record: the almanac that ships, plus the rows and the pulled datasets of a store.

    A dataset with a damaged file is left out and named in ``record.damaged``; the rest works.

    Parameters
    ----------
    store : path, optional
        A directory with the user's own rows (``STORE/almanac/TABLE.csv``) and pulled datasets
        (``STORE/datasets/NAME``).

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


def agreement(
    record: Record,
    *states: str,
    body: str = "unga",
    measure: str = "same",
    first: Day = None,
    last: Day = None,
    as_of: Day = None,
) -> AgreementResult:
    """Return how often states took the same position in recorded votes, by calendar year.

    One state is held against all others, several are held against each other. Only votes that both
    cast count: an absence is neither agreement nor disagreement.

    Parameters
    ----------
    record : Record
        With the body's votes pulled.
    states : str
        Codes or names.
    body : str
        Body, in any spelling.
    measure : str
        ``same``: share of joint votes with the same position; ``lijphart``: a yes or no against an
        abstention counts one half.
    first, last : date or ISO text, optional
        First and last day, both included.
    as_of : date or ISO text, optional
        Nothing later is read; names are read as of this day.

    Raises
    ------
    UnknownName, AmbiguousName
        A state or body is not known, or could be several.
    OutOfCoverage
        The votes are not pulled, or do not cover the period or a state.

    Uncertainty
    -----------
    The share is exact for the roll calls held; which texts come to a recorded vote changes from year
    to year, so that a change of the share need not be a change of position.
    """
    begin, end, day = (parse_date(d) if isinstance(d, str) else d for d in (first, last, as_of))
    if not states:
        raise BadInput("name a state, as in `multipolar agreement USA GBR`.")
    codes = [record.names.state(state, day) for state in states]
    until = min((d for d in (end, day) if d is not None), default=None)
    return agreement_of(record, codes, record.names.body(body), measure, begin, until)


def power(
    source: Record | Game,
    body: str = "",
    *,
    decision: str = "",
    as_of: Day = None,
    without: str = "",
    mode: str = "absent",
    joining: Mapping[str, Any] | None = None,
    blocs: Sequence[str | Sequence[str]] = (),
    abstention: bool = False,
    concerned: str = "",
    containing: Sequence[str] = (),
    excluding: Sequence[str] = (),
    minimal: bool = False,
    method: str = "auto",
    draws: int | None = None,
    seed: int = 0,
) -> Any:
    """Return the voting power of every member of a body, or of a game.

    Parameters
    ----------
    source : Record or Game
        From `open`; or a game of your own (`Game.load`, `Game.of`).
    body : str
        Body, in any spelling; none for a game.
    decision : str
        One of the body's decisions; without it all that a vote decides.
    as_of : date or ISO text, optional
        Day whose rule, members and weights count; without it the record's.
    without : str
        A member that is away.
    mode : str
        ``absent``: totals and quotas keep it; ``exit``: its weight is removed, the quota computed
        anew.
    joining : mapping, optional
        New members with their weight, as in ``{"TUR": 120_000}``.
    blocs : sequence
        Groups that vote as one: names of members, or the name of a body all of whose members do.
    abstention : bool
        Whether members may abstain, each of yes, abstain and no being equally likely.
    concerned : str
        The member that the rule leaves out as the one concerned.
    containing, excluding : sequence of str
        Members that the smallest coalitions must contain, or do without.
    minimal : bool
        Whether the Deegan–Packel and Holler indices are wanted.
    method : str
        ``exact`` counts or refuses, ``monte-carlo`` draws, ``auto`` counts where it can.
    draws, seed : int
        Coalitions to draw, and the seed.

    Returns
    -------
    PowerResult, or a list of them where no decision is named
        With ``table``, ``plot()``, ``explain()``, ``cite()``, ``to_dict()``.

    Raises
    ------
    UnknownName, AmbiguousName
        A body or state is not known, or could be several.
    BadInput
        There is no such decision, or a choice cannot be meant.
    OutOfCoverage
        The record does not hold the members of the body on the day.

    Uncertainty
    -----------
    Counted values are exact for the rule and the weights on record, under the assumption of each
    index on how votes come about; they predict no vote. Drawn values carry 95 per cent intervals;
    where weights are missing, bounds hold for every way in which they could be spread.

    Source
    ------
    D. S. Felsenthal and M. Machover, The Measurement of Voting Power (1998).

    Examples
    --------
    >>> import multipolar as mp
    >>> council = mp.power(mp.open(), "Security Council", decision="substantive", as_of="2026-01-01")
    >>> council.members[0]["veto"], council.members[0]["shapley_shubik_exact"]
    (False, '4/2145')
    """
    from .findings.power.asked import ask_body, ask_game
    from .rules.game import Game

    given = {
        "without": without,
        "mode": mode,
        "joining": joining,
        "blocs": blocs,
        "abstention": abstention,
        "concerned": concerned,
        "containing": containing,
        "excluding": excluding,
        "minimal": minimal,
        "method": method,
        "draws": draws,
        "seed": seed,
    }
    day = parse_date(as_of) if isinstance(as_of, str) else as_of
    if isinstance(source, Game):
        if body or decision or day:
            raise BadInput("a game takes no body, decision or day.")
        return ask_game(source, given)
    if not body:
        raise BadInput("name a body, as in `multipolar power IMF`.")
    results = ask_body(source, source.names.body(body), decision, day or source.date, given)
    return results[0] if decision else results


def power_over_time(
    record: Record, body: str, decision: str, first: Day, last: Day, **options: Any
) -> PowerSeries:
    """Return the voting power of every member on each day on which rule, weights or members changed.

    Parameters
    ----------
    record : Record
        From `open`.
    body, decision : str
        Which decision.
    first, last : date or ISO text
        The period, both included.
    **options
        As of `power`.

    Raises
    ------
    BadInput
        The period is empty, or nothing is known in it.

    Examples
    --------
    >>> import multipolar as mp
    >>> council = mp.power_over_time(mp.open(), "unsc", "substantive", "1965-01-01", "1966-01-01")
    >>> [row["quota"] for row in council.rows if row["state"] == "CHN"]
    [7, 9, 9]
    """
    from .findings.power.asked import ask_over_time

    begin, end = (parse_date(d) if isinstance(d, str) else d for d in (first, last))
    if begin is None or end is None:
        raise BadInput("a period has a first and a last day.")
    return ask_over_time(record, record.names.body(body), decision, begin, end, options)


def pull(
    name: str,
    *origins: str | os.PathLike[str],
    store: str | os.PathLike[str] | None = None,
    sha256: str = "",
    say: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Bring a dataset from its publisher, or from files, into the store.

    Parameters
    ----------
    name : str
        Dataset, as `data list` names it.
    origins : path or address
        Files, folders, archives or addresses; without any, the publisher's own address.
    store : path, optional
        The store, made if it does not exist; without it ``MULTIPOLAR_STORE`` or the user's.
    sha256 : str
        Hash that the one file must have.
    say : function, optional
        Told what is going on.

    Returns
    -------
    dict
        ``dataset``, ``edition``, ``sha256``, ``rows_read``, ``rows_kept``, ``dropped``, ``tables``,
        ``from``, ``until``, ``notes``, ``corrections``, ``unchanged``, ``store``.

    Raises
    ------
    BadInput
        There is no such dataset or file, or the address is not its publisher's.
    BadSource, SourceUnavailable
        The file is not what the loader knows, or could not be fetched whole.
    StoreBusy, StoreFault
        Another process pulls the same dataset, or the store cannot be written.
    """
    from .sources.pull import pull as bring

    chosen = store or os.environ.get("MULTIPOLAR_STORE")
    place = Path(chosen) if chosen else user_directory()
    record = Record(store=place if place.is_dir() else None)
    return bring(
        record,
        place,
        name,
        [os.fspath(o) for o in origins],
        sha256=sha256,
        say=say or (lambda text: None),
    )


def check(record: Record) -> dict[str, Any]:
    """Verify every pulled dataset again: files, rows, keys, totals, two sources of the same votes.

    Returns
    -------
    dict
        ``datasets``, ``corrections``, ``comparisons``, ``not_pulled`` and ``damaged``.
    """
    from .sources.check import check as verify

    return verify(record)


def diff(record: Record, name: str, *origins: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what a new edition of a dataset added, changed and removed.

    Parameters
    ----------
    record : Record
        With the dataset pulled.
    name : str
        Dataset.
    origins : path
        Files that are not pulled yet; without any, the edition in force is compared with the one
        before it.

    Raises
    ------
    BadInput
        The dataset is not pulled, or there is nothing to compare it with.
    """
    from .sources.diff import diff as held_against

    return held_against(record, record.store, name, [os.fspath(o) for o in origins])
