"""What every converter shares: reading facts, source ids, the ledger, writing sorted CSV.

A converter is a function ``convert(build: Build) -> None`` in ``tools/almanac/convert_*.py``. It reads
fact files with ``build.facts(name)``, adds rows with ``build.add(table, row)`` and says of every fact
row what became of it with ``build.kept(row)``, ``build.upgraded(row, why)``, ``build.left_out(row, why)``.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import Counter, defaultdict
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src"))
from multipolar.record import tables  # noqa: E402

ALMANAC = ROOT / "src/multipolar/record/almanac"
DECISIONS = Path(__file__).parent / "decisions"
SHIPPABLE = ("verified", "two_sources")
STATE_CODES = {"EUU": "EU", "XAU": "AU"}
BODY_CODES = {"hrc": "unhrc", "unfccc-cop": "unfccc"}


class Fact(dict):
    """One row of a fact file; knows its file and line."""

    file: str
    line: int


class Build:
    """Rows gathered for the almanac, and the ledger of what became of each fact."""

    def __init__(self, facts_dir: Path) -> None:
        self.facts_dir = facts_dir
        self.rows: dict[str, list[dict[str, str]]] = defaultdict(list)
        self.ledger: dict[tuple[str, int], tuple[str, str]] = {}
        self.seen: dict[str, list[Fact]] = {}
        self.sources: dict[str, dict[str, str]] = {}
        self.aliases = {r["alias"]: r["body_id"] for r in self._read("body_aliases")}

    def _read(self, name: str) -> list[Fact]:
        out = []
        with open(self.facts_dir / f"{name}.csv", encoding="utf-8", newline="") as handle:
            for line, row in enumerate(csv.DictReader(handle), start=2):
                fact = Fact(row)
                fact.file, fact.line = name, line
                out.append(fact)
        return out

    def facts(self, name: str) -> list[Fact]:
        """Return all rows of a fact file; each must then be accounted for."""
        self.seen.setdefault(name, self._read(name))
        return self.seen[name]

    def decisions(self, name: str) -> list[dict[str, str]]:
        """Return the rows of a reviewed decision file (translations, upgrades, rejections)."""
        with open(DECISIONS / f"{name}.csv", encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))

    def kept(self, fact: Fact) -> None:
        """Say that the fact ships as it stood."""
        self.ledger[fact.file, fact.line] = ("kept", "")

    def upgraded(self, fact: Fact, why: str) -> None:
        """Say that an unverified fact ships because a source was found."""
        self.ledger[fact.file, fact.line] = ("upgraded", why)

    def corrected(self, fact: Fact, why: str) -> None:
        """Say that the fact ships with a changed cell."""
        self.ledger[fact.file, fact.line] = ("corrected", why)

    def left_out(self, fact: Fact, why: str) -> None:
        """Say that the fact does not ship."""
        self.ledger[fact.file, fact.line] = ("left out", why)

    def body(self, name: str) -> str:
        """Return the body id for any spelling used in the fact files."""
        slug = self.aliases.get(name, name)
        return BODY_CODES.get(slug, slug)

    def state(self, code: str) -> str:
        """Return the state id for a code used in the fact files."""
        return STATE_CODES.get(code, code)

    def source(
        self, url: str, title: str = "", retrieved: str = "2026-11-23", publisher: str = ""
    ) -> str:
        """Register an address and return its source id; a later, longer title replaces none."""
        url = url.strip()
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        if not host:
            raise ValueError(f"not an address: {url!r}")
        source_id = f"{host.replace('.', '-')}-{hashlib.sha1(url.encode()).hexdigest()[:6]}"
        row = self.sources.setdefault(
            source_id,
            {
                "source_id": source_id,
                "publisher": publisher or host,
                "title": "",
                "url": url,
                "licence": "",
                "retrieved": retrieved,
            },
        )
        if title and not row["title"]:
            row["title"] = title.strip()
        if publisher:
            row["publisher"] = publisher
        return source_id

    def sources_of(self, fact: Fact) -> str:
        """Return the fact's source ids, semicolon-separated, registering them."""
        ids = [self.source(fact["source_url"], fact.get("source_title", ""))]
        if fact.get("source_url_2"):
            ids.append(self.source(fact["source_url_2"]))
        return ";".join(dict.fromkeys(ids))

    def common(self, fact: Fact) -> dict[str, str]:
        """Return the four columns that every sourced row has, for a row that ships as it stood."""
        return {
            "source_id": self.sources_of(fact),
            "as_of": fact["as_of"],
            "confidence": fact["confidence"],
            "note": "",
        }

    def add(self, table: str, row: dict[str, str]) -> None:
        """Add one row to a table; unknown columns are an error."""
        known = [column.name for column in tables.BY_NAME[table].columns]
        unknown = set(row) - set(known)
        if unknown:
            raise KeyError(f"{table} has no column {sorted(unknown)}")
        self.rows[table].append(
            {name: str(row.get(name, "") or "") if row.get(name) != 0 else "0" for name in known}
        )

    def unaccounted(self) -> list[str]:
        """Return the facts of which no converter said what became of them."""
        return [
            f"{name}.csv:{fact.line}"
            for name, facts in self.seen.items()
            for fact in facts
            if (name, fact.line) not in self.ledger
        ]

    def write(self, only_sources_of_rows: bool = True) -> None:
        """Write every gathered table, sorted by its key, and merge the sources."""
        for name, rows in self.rows.items():
            write_table(name, rows)
        path = ALMANAC / "sources.csv"
        merged: dict[str, dict[str, str]] = {}
        if path.exists():
            with open(path, encoding="utf-8", newline="") as handle:
                merged = {row["source_id"]: row for row in csv.DictReader(handle)}
        merged.update(self.sources)
        used: set[str] = set()
        for table in tables.ALL:
            file = ALMANAC / f"{table.name}.csv"
            if table.fact and file.exists():
                with open(file, encoding="utf-8", newline="") as handle:
                    for row in csv.DictReader(handle):
                        used.update(row["source_id"].split(";"))
        for row in merged.values():
            row["title"] = (
                row["title"]
                or urlsplit(row["url"]).path.strip("/").split("/")[-1]
                or row["publisher"]
            )
        write_table("sources", [row for key, row in merged.items() if key in used])

    def report(self) -> str:
        """Return the account as Markdown: per file, how many rows were kept, changed, left out."""
        lines = [
            "| file | rows | kept | corrected | upgraded | left out |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        for name, facts in sorted(self.seen.items()):
            count = Counter(self.ledger.get((name, f.line), ("unaccounted", ""))[0] for f in facts)
            lines.append(
                f"| {name}.csv | {len(facts)} | {count['kept']} | {count['corrected']} | {count['upgraded']} | {count['left out']} |"
            )
        return "\n".join(lines)


def write_table(name: str, rows: list[dict[str, str]]) -> None:
    """Write one almanac table: header in schema order, rows sorted by key, LF ends."""
    table = tables.BY_NAME[name]
    header = [column.name for column in table.columns]
    rows = sorted(rows, key=lambda r: tuple(r.get(k, "") for k in table.key))
    ALMANAC.mkdir(parents=True, exist_ok=True)
    with open(ALMANAC / f"{name}.csv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)
