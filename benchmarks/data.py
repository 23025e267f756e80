"""Measure datasets: a pull against `pandas.read_csv` of the same file, and what reading costs.

``python benchmarks/data.py FILE [FOLDER] [--runs N] [--write]``: FILE is the UN Digital Library's
voting file of the General Assembly (plain or gzip), FOLDER one with the other datasets as published,
sorted into ``votes/``, ``igo/``, ``trade/``… Both commands run in turn, A B A B; the pull counts as a
whole process, `read_csv` as the call alone. Needs pandas.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

from run import ENVIRONMENT, ROOT, SOURCE, machine, once

PANDAS = (
    "import sys, time, warnings; warnings.simplefilter('ignore'); import pandas\n"
    "t = time.perf_counter(); pandas.read_csv(sys.argv[1]); print(time.perf_counter() - t)"
)
PLACES = {
    "unsc": "votes",
    "unvotes": "votes",
    "voeten": "votes",
    "vetoes": "votes",
    "voteview": "votes",
    "igo": "igo",
    "scale-of-assessments": "un_money",
    "ceb": "un_money/ceb",
    "upr": "upr",
    "cop": "cop",
    "paris": "treaties",
    "imf": "weights",
    "g20": "g20",
    "ungd": "ungd",
    "atop": "alliances",
    "trade": "trade",
    "desta": "trade",
}


def main() -> int:
    """Run all measurements and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        store = Path(place) / "store"
        rows = [*pulling(chosen.file, store, chosen.runs)]
        if chosen.folder is not None:
            for name, where in PLACES.items():
                subprocess.run(
                    [*COMMAND, name, "--from", str(chosen.folder / where), "--store", str(store)],
                    env=ENVIRONMENT,
                    check=True,
                    capture_output=True,
                )
        rows += reading(store, chosen.runs)
    lines = ["| what | figure | goal | how |", "| --- | ---: | ---: | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    text = f"{machine()}\n\n" + "\n".join(lines) + "\n"
    print(text)
    if chosen.write:
        page = ROOT / "benchmarks/README.md"
        new = re.sub(
            r"(<!-- data -->\n).*(<!-- /data -->)",
            lambda found: found[1] + text + found[2],
            page.read_text(encoding="utf-8"),
            flags=re.S,
        )
        page.write_text(new, encoding="utf-8")
    return 0


COMMAND = [sys.executable, "-m", "multipolar", "data", "pull"]


def pulling(file: Path, store: Path, runs: int) -> list[tuple[str, ...]]:
    """Measure a pull of the file against reading it with pandas, in turn."""
    command = [*COMMAND, "unga", "--from", str(file), "--store", str(store)]
    theirs, whole, ours, peaks = [], [], [], []
    for number in range(runs + 1):
        started = time.perf_counter()
        out = subprocess.run(
            [sys.executable, "-c", PANDAS, str(file)], capture_output=True, text=True, check=True
        )
        process = time.perf_counter() - started
        shutil.rmtree(store, ignore_errors=True)
        seconds, peak = once(command)
        if number:  # the first pair warms the disk
            theirs.append(float(out.stdout))
            whole.append(process)
            ours.append(seconds)
            peaks.append(peak)
    rows = json.loads(
        subprocess.run(
            [*command, "--format", "json"], env=ENVIRONMENT, capture_output=True, check=True
        ).stdout
    )["rows_read"]
    size = file.stat().st_size / 1e6
    how = f"median of {runs} pairs in turn; {rows:,} rows, file of {size:.0f} MB"
    return [
        ("`pandas.read_csv` alone, the call", f"{median(theirs):.2f} s", "", how),
        ("a process that does only that", f"{median(whole):.2f} s", "", how),
        ("`data pull unga --from`, the whole process", f"{median(ours):.2f} s", "", how),
        _ratio("how many times as fast, process against process", whole, ours),
        _ratio("the whole pull against the bare call", theirs, ours),
        ("peak memory of the pull", f"{max(peaks):.0f} MB", "1500 MB", "highest of the runs"),
    ]


def _ratio(what: str, theirs: list[float], ours: list[float]) -> tuple[str, ...]:
    """Return the ratio of each pair: its median, least and most."""
    found = [a / b for a, b in zip(theirs, ours, strict=True)]
    said = f"{median(found):.2f} × ({min(found):.2f} to {max(found):.2f})"
    return what, said, "1.5 ×", "pair by pair"


def reading(store: Path, runs: int) -> list[tuple[str, ...]]:
    """Measure opening the record, one state's votes, and the agreement of all pairs in a year."""
    sys.path.insert(0, SOURCE)
    import polars  # noqa: F401  (its import is not what is measured)

    import multipolar as mp
    from multipolar.measures.alignment import agreement
    from multipolar.record.votes import votes

    record = mp.open(store)
    sets = len(record.library.editions)

    def one() -> object:
        return votes(record, "unga", states=["FRA"])

    def year() -> object:
        return agreement(votes(record, "unga", date(2019, 1, 1), date(2019, 12, 31)).matrix)

    again = f"median of {4 * runs} calls"
    return [
        (
            "open the record",
            ms(lambda: mp.open(store), 4 * runs),
            "200 ms",
            f"{sets} datasets; {again}",
        ),
        ("positions of one state since 1946", ms(one, 4 * runs), "30 ms", again),
        ("agreement of all pairs in one year", ms(year, 4 * runs), "50 ms", again),
    ]


def ms(function: Callable[[], object], runs: int) -> str:
    """Return the median milliseconds of a call, after one that warms up."""
    function()
    measured = []
    for _ in range(runs):
        started = time.perf_counter()
        function()
        measured.append(time.perf_counter() - started)
    return f"{1000 * median(measured):.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
