"""Spellings of states and bodies: dated look-up in many languages, without guessing.

Reads the almanac's CSV files with the standard library alone, so that ``multipolar names`` starts
at once. A spelling that means two states is refused with its candidates, never resolved to one.

>>> registry = Registry.load()
>>> registry.state("Upper Volta"), registry.state("République de Corée"), registry.body("世卫组织")
('BFA', 'KOR', 'who')
>>> registry.lookup("Congo")["candidates"]
['COD', 'COG']
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from ..errors import AmbiguousName, BadTable, MultipolarError, UnknownName
from .spelling import fold, forms, plain

ALMANAC = Path(__file__).parent / "almanac"
NAMING = ("short", "official", "alias", "former", "abbreviation")
_Index = dict[str, list["Spelling"]]
_Refusals = dict[str, list[dict[str, str]]]
_FALLBACK = {"zh-TW": ("zh",), "zh-HK": ("zh-TW", "zh")}


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write the name of a state or body; dates are ISO texts, empty where open."""

    code: str
    lang: str
    kind: str
    name: str
    start: str = ""
    end: str = ""

    def holds(self, day: str) -> bool:
        """Return whether the spelling is dated and its dates contain ``day``."""
        return bool(self.start or self.end) and _within(self.start, self.end, day)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a spelling means: the code, what kind of thing it is, and its names."""

    code: str
    kind: str
    name_en: str
    name_zh: str


class Registry:
    """All spellings of an almanac directory; build with `Registry.load`."""

    def __init__(
        self,
        states: dict[str, dict[str, str]],
        names: list[Spelling],
        ambiguous: list[dict[str, str]],
        bodies: dict[str, str],
        body_names: list[Spelling],
    ) -> None:
        self._states, self._names, self._ambiguous = states, names, ambiguous
        self._bodies, self._body_names = bodies, body_names

    @classmethod
    def load(cls, directory: Path | None = None, own: Path | None = None) -> Registry:
        """Return the registry of an almanac directory, by default the one that ships.

        Parameters
        ----------
        directory : Path or None
            A folder with `states.csv`, `state_names.csv`, `ambiguous_names.csv` and
            `body_names.csv`; `bodies.csv` may be absent, then every body is of kind `body`.
        own : Path or None
            A folder whose tables of the same names, as far as they exist, add rows.
        """
        return _load(Path(directory) if directory else ALMANAC, own)

    # -- look-up ---------------------------------------------------------------------------------

    def state(self, text: str, as_of: date | None = None) -> str:
        """Return the code of the state that ``text`` means.

        Parameters
        ----------
        text : str
            A name in any listed language, our code in any case, or ISO alpha-2 in upper case; our
            codes come first, where the two differ (`AU`).
        as_of : date or None
            Day for which the spelling is read; without it a spelling has its undated meaning, or
            else its latest. A former name finds its state on any day.

        Raises
        ------
        UnknownName
            No spelling fits; `candidates` holds the codes of the nearest, at most five.
        AmbiguousName
            The spelling may mean several states; `candidates` holds them all.

        Examples
        --------
        >>> Registry.load().state("Yugoslavia", as_of=date(1999, 3, 24))
        'SCG'
        """
        code = self._code(text)
        if code:
            return code
        for index, refusals, read in self._state_readings(text):
            for row in refusals.get(read, ()):
                if _refused(row, as_of):
                    raise AmbiguousName(text, row["reason_en"], row["candidates"].split(";"))
            found = _meaning(index.get(read, ()), as_of)
            if len(found) > 1:
                raise AmbiguousName(text, "several states are spelled so", found)
            if found:
                return found[0]
        raise UnknownName(text, "state", self._near_states(text))

    def body(self, text: str) -> str:
        """Return the id of the body that ``text`` means; raises as `state` does."""
        slug = text.strip().casefold()
        if slug in self._body_ids:
            return slug
        for index, read in ((self._body_index, fold(text)), (self._body_plain, plain(text))):
            found = _meaning(index.get(read, ()), None) if read else []
            if len(found) > 1:
                raise AmbiguousName(text, "several bodies are spelled so", found)
            if found:
                return found[0]
        raise UnknownName(text, "body", _near(plain(text), self._body_plain))

    def resolve(self, text: str, as_of: date | None = None) -> Resolved:
        """Return what ``text`` means, a state or a body; raises as `state` does.

        Where an entity and a body are the same thing (a union of states), the entity is returned.
        """
        state_error: MultipolarError | None = None
        state = body = ""
        try:
            state = self.state(text, as_of)
        except AmbiguousName:
            raise
        except UnknownName as error:
            state_error = error
        try:
            body = self.body(text)
        except AmbiguousName:
            if not state:
                raise
        except UnknownName as error:
            if state_error is not None:
                near = list(dict.fromkeys([*state_error.candidates, *error.candidates]))
                raise UnknownName(text, "state or body", near) from None
        if state and body and body != state.lower():
            raise AmbiguousName(text, "it is spelled like a state and like a body", [state, body])
        code = state or body
        kind = self._states[state]["kind"] if state else self._bodies.get(body, "body")
        names = [
            self.name(code, lang) if state else self.body_name(code, lang) for lang in ("en", "zh")
        ]
        return Resolved(code, kind, *names)

    def lookup(self, text: str, as_of: date | None = None) -> dict[str, Any]:
        """Return what `resolve` finds, or why it finds nothing, as `multipolar names` prints it."""
        asked = {"text": text, "as_of": as_of.isoformat() if as_of else None}
        try:
            return asked | asdict(self.resolve(text, as_of))
        except (UnknownName, AmbiguousName) as error:
            reason = (
                error.reason
                if isinstance(error, AmbiguousName)
                else "no state or body has this name"
            )
            return asked | {"code": None, "candidates": list(error.candidates), "reason": reason}

    # -- names and facts -------------------------------------------------------------------------

    def name(self, code: str, lang: str = "en") -> str:
        """Return the one name shown for a state in a language; English where there is none."""
        return self._shown(self._short, code, lang)

    def in_sentence(self, code: str, lang: str = "en") -> str:
        """Return the name as it stands in a sentence: in English with its article."""
        article = self._states.get(code, {}).get("article_en") if lang == "en" else ""
        name = self.name(code, lang)
        return f"{article} {name}" if article else name

    def official(self, code: str, lang: str = "en") -> str:
        """Return the formal name of a state, or the name shown where the two are the same."""
        return self._official.get((code, lang)) or self.name(code, lang)

    def body_name(self, body_id: str, lang: str = "en") -> str:
        """Return the one name shown for a body in a language; English where there is none."""
        return self._shown(self._body_short, body_id, lang)

    def states(self, kind: str | None = None) -> list[str]:
        """Return the codes of all states, or of those of one kind, sorted."""
        return [code for code, row in self._states.items() if kind in (None, row["kind"])]

    def turns(self, text: str) -> list[str]:
        """Return the days (ISO) on which the meaning of a spelling may change, sorted."""
        days: set[str] = set()
        for index, refusals, read in self._state_readings(text):
            for row in index.get(read, ()):
                days |= {row.start, row.end}
            for refused in refusals.get(read, ()):
                days |= {refused["start"], refused["end"]}
        return sorted(days - {""})

    def info(self, code: str) -> dict[str, str]:
        """Return the row of `states.csv` for a code; raises `UnknownName` for any other."""
        if code not in self._states:
            raise UnknownName(code, "state", self._near_states(code))
        return dict(self._states[code])

    def spellings(
        self, kinds: Iterable[str] = NAMING, langs: Iterable[str] | None = None
    ) -> Iterator[Spelling]:
        """Yield the spellings of states of some kinds, adjectives and demonyms on request."""
        wanted, spoken = set(kinds), set(langs) if langs else None
        for row in self._names:
            if row.kind in wanted and (spoken is None or row.lang in spoken):
                yield row

    def body_spellings(self) -> Iterator[Spelling]:
        """Yield all spellings of bodies."""
        yield from self._body_names

    def ambiguous(self) -> list[dict[str, str]]:
        """Return the rows of `ambiguous_names.csv`."""
        return [dict(row) for row in self._ambiguous]

    # -- indexes, each built when first needed ---------------------------------------------------

    @cached_property
    def _index(self) -> _Index:
        return _index((row for row in self._names if row.kind in NAMING), fold)

    @cached_property
    def _refusals(self) -> _Refusals:
        return _refusal_index(self._ambiguous, fold)

    @cached_property
    def _plain(self) -> _Index:
        return _index((row for row in self._names if row.kind in NAMING), plain)

    @cached_property
    def _plain_refusals(self) -> _Refusals:
        return _refusal_index(self._ambiguous, plain)

    @cached_property
    def _body_index(self) -> _Index:
        return _index(self._body_names, fold)

    @cached_property
    def _body_plain(self) -> _Index:
        return _index(self._body_names, plain)

    @cached_property
    def _body_ids(self) -> set[str]:
        return {row.code for row in self._body_names} | set(self._bodies)

    @cached_property
    def _alpha2(self) -> dict[str, str]:
        rows = sorted(self._states.items(), key=lambda item: item[1]["kind"] == "former_state")
        out: dict[str, str] = {}
        for code, row in rows:
            out.setdefault(row["iso2"], code)
        return out

    @cached_property
    def _short(self) -> dict[tuple[str, str], str]:
        return {(row.code, row.lang): row.name for row in self._names if row.kind == "short"}

    @cached_property
    def _official(self) -> dict[tuple[str, str], str]:
        return {(row.code, row.lang): row.name for row in self._names if row.kind == "official"}

    @cached_property
    def _body_short(self) -> dict[tuple[str, str], str]:
        return {(row.code, row.lang): row.name for row in self._body_names if row.kind == "short"}

    def _code(self, text: str) -> str:
        text = text.strip()
        if text.upper() in self._states:
            return text.upper()
        return self._alpha2.get(text, "") if len(text) == 2 and text.isupper() else ""

    def _state_readings(self, text: str) -> Iterator[tuple[_Index, _Refusals, str]]:
        """Yield index, refusals and key: as written, turned round, cut, then without accents."""
        written = list(forms(text))
        for form in written:
            if read := fold(form):
                yield self._index, self._refusals, read
        for form in written:
            if read := plain(form):
                yield self._plain, self._plain_refusals, read

    def _near_states(self, text: str) -> list[str]:
        read = plain(text)
        people = [r for r in self._names if r.kind not in NAMING and plain(r.name) == read]
        near = [row.code for row in people] or _near(read, self._plain)
        return list(dict.fromkeys(near))[:5]

    def _shown(self, names: dict[tuple[str, str], str], code: str, lang: str) -> str:
        for tag in (lang, *_FALLBACK.get(lang, ()), "en"):
            if (code, tag) in names:
                return names[code, tag]
        raise UnknownName(code, "state or body", ())


def _within(start: str, end: str, day: str) -> bool:
    return (not start or start <= day) and (not end or day < end)


def _refused(row: dict[str, str], as_of: date | None) -> bool:
    if as_of is None:
        return not (row["start"] or row["end"])
    return _within(row["start"], row["end"], as_of.isoformat())


def _meaning(rows: Iterable[Spelling], as_of: date | None) -> list[str]:
    """Return the codes a spelling has: of its dates, else undated, else the latest."""
    rows = list(rows)
    dated = [row for row in rows if as_of and row.holds(as_of.isoformat())]
    chosen = dated or [row for row in rows if not (row.start or row.end)]
    if not chosen and rows:
        last = max(row.end or "9999" for row in rows)
        chosen = [row for row in rows if (row.end or "9999") == last]
    return sorted({row.code for row in chosen})


def _index(rows: Iterable[Spelling], key: Callable[[str], str]) -> _Index:
    out: _Index = {}
    for row in rows:
        out.setdefault(key(row.name), []).append(row)
    return out


def _refusal_index(rows: list[dict[str, str]], key: Callable[[str], str]) -> _Refusals:
    out: _Refusals = {}
    for row in rows:
        out.setdefault(key(row["name"]), []).append(row)
    return out


def _near(read: str, index: _Index) -> list[str]:
    """Return the codes whose spellings are nearest, at most five."""
    from difflib import get_close_matches

    if not read:
        return []
    keys = [key for key in index if abs(len(key) - len(read)) <= max(3, len(read) // 2)]
    close = get_close_matches(read, keys, n=15, cutoff=0.72 if len(read) > 3 else 0.5)
    return list(dict.fromkeys(row.code for key in close for row in index[key]))[:5]


def _rows(name: str, *directories: Path) -> tuple[list[str], list[list[str]]]:
    """Return header and rows of a table, put together from all folders that have it."""
    header: list[str] = []
    body: list[list[str]] = []
    for directory in directories:
        path = directory / f"{name}.csv"
        if not path.exists():
            continue
        try:
            with open(path, encoding="utf-8", newline="") as handle:
                first, *rows = csv.reader(handle, strict=True)
        except (UnicodeDecodeError, csv.Error, ValueError) as error:
            raise BadTable(path.name, None, None, f"not a UTF-8 CSV table: {error}") from None
        header = header or first
        for number, row in enumerate(rows, start=2):
            if len(row) != len(header):
                raise BadTable(path.name, number, None, f"{len(row)} cells, {len(header)} expected")
        body += rows
    return header, body


@lru_cache(maxsize=8)
def _load(directory: Path, own: Path | None) -> Registry:
    where = (directory, own) if own else (directory,)
    header, rows = _rows("states", *where)
    states = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    names = [Spelling(*row) for row in _rows("state_names", *where)[1]]
    header, rows = _rows("ambiguous_names", *where)
    ambiguous = [dict(zip(header, row, strict=True)) for row in rows]
    body_names = [Spelling(*row) for row in _rows("body_names", *where)[1]]
    header, rows = _rows("bodies", *where)
    bodies = {row[0]: row[header.index("kind")] for row in rows}
    return Registry(states, names, ambiguous, bodies, body_names)
