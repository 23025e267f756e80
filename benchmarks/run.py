"""Measure what a user waits for and print the figures as a Markdown table.

``python benchmarks/run.py [--runs N] [--write]``: every command runs as a whole process, ``N`` times
after one run that warms the disk; the median counts. ``--write`` puts the table into
``benchmarks/README.md``. Peak memory is that of the process (and its children) as the kernel reports it.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
SOURCE = str(ROOT / "src")
sys.path.insert(0, SOURCE)
ENVIRONMENT = {**os.environ, "PYTHONPATH": SOURCE}
CORES = 2
STATES = ("USA", "FJI")


def main() -> int:
    """Run all measurements and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    rows = [*whole_processes(chosen.runs), batch(), twin()]
    lines = ["| what | figure | goal | how |", "| --- | ---: | ---: | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    text = f"{machine()}\n\n" + "\n".join(lines) + "\n"
    print(text)
    if chosen.write:
        page = ROOT / "benchmarks/README.md"
        old = page.read_text(encoding="utf-8")
        new = re.sub(
            r"(<!-- figures -->\n).*(<!-- /figures -->)",
            lambda found: found[1] + text + found[2],
            old,
            flags=re.S,
        )
        page.write_text(new, encoding="utf-8")
    return 0


def machine() -> str:
    """Return the day, the kind of machine and the versions."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"model name\s*: (.*)", info.read_text())
        model = found[1] if found else model
    parts = ", ".join(f"{name} {version(name)}" for name in ("click", "jinja2", "polars"))
    return (
        f"{date.today()}; {model}, {os.cpu_count()} cores, {platform.system()}; "
        f"Python {platform.python_version()}, {parts}."
    )


# --- whole processes --------------------------------------------------------------------------


def whole_processes(runs: int) -> Iterator[tuple[str, ...]]:
    """Measure commands as a user runs them."""
    python = sys.executable
    command = [python, "-m", "multipolar"]
    how = f"median of {runs} whole processes"
    empty, _ = repeated([python, "-c", "pass"], runs)
    yield "`python -c pass`", f"{empty:.3f} s", "", f"{how}; the floor of all below"
    imported, _ = repeated([python, "-c", "import multipolar"], runs)
    yield "`import multipolar`", f"{imported:.3f} s", "0.15 s", f"{how} of `python -c`"
    for words in (["--help"], ["names", "Korea"], ["report", "--help"]):
        seconds, _ = repeated([*command, *words], runs)
        yield f"`multipolar {' '.join(words)}`", f"{seconds:.3f} s", "0.3 s", how
    with tempfile.TemporaryDirectory() as folder:
        for state in STATES:
            page = f"{folder}/{state}.html"
            seconds, peak = repeated([*command, "report", state, "-o", page, "--force"], runs)
            size = Path(page).stat().st_size / 1e6
            yield f"`multipolar report {state}`", f"{seconds:.2f} s", "2 s", how
            yield "its peak memory", f"{peak:.0f} MB", "350 MB", "highest of the runs"
            yield "its page", f"{size:.2f} MB", "3 MB", "bytes on disk"


def repeated(command: list[str], runs: int) -> tuple[float, float]:
    """Return the median wall time in seconds and the highest peak memory in MB."""
    once(command)
    measured = [once(command) for _ in range(runs)]
    return median(seconds for seconds, _ in measured), max(peak for _, peak in measured)


def once(command: list[str]) -> tuple[float, float]:
    """Run a command; return its wall time and the peak memory of its process."""
    started = time.perf_counter()
    child = subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 2):
        raise SystemExit(f"{' '.join(command)}: exit {child.returncode}")
    return seconds, usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


# --- all members ------------------------------------------------------------------------------


def batch() -> tuple[str, ...]:
    """Measure `report --all` over two processes, from the first file to the last."""
    command = [
        sys.executable,
        "-m",
        "multipolar",
        "report",
        "--all",
        "--jobs",
        str(CORES),
        "--force",
    ]
    rates = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [*command, "-o", folder], env=ENVIRONMENT, check=True, capture_output=True
            )
            written = sorted(path.stat().st_mtime_ns for path in Path(folder).glob("*.html"))
            rates.append((len(written) - 1) / ((written[-1] - written[0]) / 1e9))
    how = f"median of 3; files after the first / seconds from the first file to the last; {CORES} processes"
    return "`multipolar report --all`", f"{median(rates):.1f} reports/s", "20 reports/s", how


# --- rules ------------------------------------------------------------------------------------


def twin() -> tuple[str, ...]:
    """Compare the exact answer on who can block with a plain enumeration of all coalitions."""
    from multipolar.rules import Members, count, sure_holders, veto, weighted

    random.seed(1)
    states = [f"S{i:02d}" for i in range(14)]
    weights = {state: Fraction(random.randint(1, 40)) for state in states}
    weights[states[0]] = Fraction(140)
    total = sum(weights.values(), Fraction(0))
    members = Members(tuple(states), {"votes": weights}, {"votes": total})
    rule = weighted("7/10") & count("1/2", strict=True) & veto({states[1]})

    def passes(yes: set[str]) -> bool:
        heavy = sum((weights[s] for s in yes), Fraction(0)) >= total * Fraction(7, 10)
        return heavy and 2 * len(yes) > len(states) and states[1] in yes

    def plain() -> tuple[str, ...]:
        """Return who is in every one of the 2^n coalitions that pass."""
        winning = (
            found
            for mask in range(1 << len(states))
            if passes(found := {s for i, s in enumerate(states) if mask >> i & 1})
        )
        return tuple(sorted(set.intersection(*winning)))

    fast, slow = timed(lambda: sure_holders(rule, members)), timed(plain, least=1)
    if tuple(sorted(sure_holders(rule, members))) != plain():
        raise SystemExit("the rule and its plain twin differ")
    how = (
        f"{len(states)} members, three conditions; plain twin: all {2 ** len(states):,} coalitions"
    )
    return "who can block, against a plain twin", f"{slow / fast:,.0f} ×", "", how


def timed(function: Callable[[], object], least: int = 50) -> float:
    """Return the median seconds of a call."""
    measured = []
    for _ in range(least):
        started = time.perf_counter()
        function()
        measured.append(time.perf_counter() - started)
    return median(measured)


if __name__ == "__main__":
    sys.exit(main())
