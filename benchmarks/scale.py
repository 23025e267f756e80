"""Measure ideal points: all votes of the General Assembly, a decade, and ever more simulated votes.

``python benchmarks/scale.py VOTES [--runs N] [--largest N] [--write]``: ``VOTES`` is a folder with the files of
the package unvotes (``un_votes.rda``, ``un_roll_calls.rda``) and ``Matches.csv``. Each figure is of a process
of its own on one thread. Where R with emIRT is installed, dynIRT runs on the same votes in turn with ours;
otherwise the plain NumPy twin stands in its place.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from run import ROOT, SOURCE, machine

THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")
ENVIRONMENT = {**os.environ, "PYTHONPATH": SOURCE, **dict.fromkeys(THREADS, "1")}
EMPTY_SESSION = 19
DECADE = (65, 74)
SIZES = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000)
TOLERANCES = (1e-6, 1e-10)
PLOT = ROOT / "benchmarks/scale.svg"


def main() -> int:
    """Run one case in this process, or all of them in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("votes", type=Path, nargs="?")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--case", nargs=2, default=None)
    chosen = parser.parse_args()
    if chosen.case:
        print(json.dumps(one(*chosen.case)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(chosen.votes, Path(folder))
        rows = list(figures(prepared, Path(folder), chosen.runs))
    points = [timed("cells", str(n)) for n in SIZES if n <= chosen.largest]
    rows += list(linear(points))
    lines = ["| what | figure | goal | how |", "| --- | ---: | ---: | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    text = f"{machine()}\n\n" + "\n".join(lines) + "\n"
    print(text)
    if chosen.write:
        page = ROOT / "benchmarks/README.md"
        new = re.sub(
            r"(<!-- scale -->\n).*(<!-- /scale -->)",
            lambda found: found[1] + text + found[2],
            page.read_text(encoding="utf-8"),
            flags=re.S,
        )
        page.write_text(new, encoding="utf-8")
        draw(points)
    return 0


# --- votes ------------------------------------------------------------------------------------------


def prepare(folder: Path, into: Path) -> Path:
    """Write the votes as Parquet: all sessions but the empty one, texts matched by hand as one item."""
    import polars as pl

    from multipolar.sources.files import RawFile
    from multipolar.sources.formats.rdata import r_frame

    def read(name: str) -> pl.DataFrame:
        return r_frame(RawFile(name, name, 1 << 30, folder / name))

    votes, call = read("un_votes.rda"), pl.col("rcid").cast(pl.Int64)
    calls = read("un_roll_calls.rda").select(call, pl.col("session").cast(pl.Int64))
    session = dict(calls.iter_rows())
    text = {call: call for call in session}

    def first(call: int) -> int:
        while text[call] != call:
            call = text[call]
        return call

    with open(folder / "Matches.csv", encoding="latin-1", newline="") as handle:
        for row in csv.DictReader(handle):
            a, b = int(row["rcid1"]), int(row["rcid2"])
            if a in text and b in text:
                text[first(a)] = first(b)
    frame = votes.select(
        roll_call=call.cast(pl.String),
        state=pl.col("country"),
        position=pl.col("vote"),
        period=call.replace_strict(session),
        item=call.replace_strict({c: str(first(c)) for c in text}),
    ).filter(pl.col("period") != EMPTY_SESSION)
    path = into / "votes.parquet"
    frame.write_parquet(path)
    return path


def simulated(cells: int) -> Any:
    """Return votes of a large body in ten periods: as many members as roll calls."""
    import numpy as np

    from multipolar.measures.scaling.problem import problem

    side = round(cells**0.5)
    rng = np.random.default_rng(0)
    theta = rng.standard_normal(side)[None] + 0.2 * rng.standard_normal((10, side)).cumsum(axis=0)
    period = np.repeat(np.arange(side) * 10 // side, side)
    state = np.tile(np.arange(side), side)
    item = np.repeat(np.arange(side), side)
    beta, cut = rng.standard_normal(side), rng.standard_normal(side)
    latent = rng.standard_normal(side * side)
    latent += beta[item] * theta[period, state] - cut[item]
    category = (latent > -0.3).astype(np.int8) + (latent > 0.3)
    del latent
    names = [f"S{k}" for k in range(side)]
    return problem(names, list(range(10)), list(range(side)), state, period, item, category)


# --- cases: each runs in a process of its own -------------------------------------------------------


def one(case: str, given: str) -> dict[str, float]:
    """Run a case and return its figures."""
    from multipolar.measures.scaling import coarse_loops, fronts, kernels  # noqa: F401

    if case in ("all", "decade", "twin"):
        return fitted(case, given)
    problem = simulated(int(given))
    warm()
    return {"cells": float(problem.cells), **searched(problem, "all")}


def fitted(case: str, path: str) -> dict[str, float]:
    """Fit votes of a file: the whole call, the search and the errors, and memory beyond the imports."""
    import polars as pl

    import multipolar as mp

    if case == "twin":
        warm()
        return twin(path)
    warm()
    before = peak()
    frame = pl.read_parquet(path)
    if case == "decade":
        frame = frame.filter(pl.col("period").is_between(*DECADE))
    begin = time.perf_counter()
    fit = mp.scale(frame)
    whole = time.perf_counter() - begin
    after = peak()
    assert fit.converged
    return {
        "whole": whole,
        "search": fit.fitted.mode.seconds,
        "errors": fit.fitted.errors.seconds,
        "memory": after - before,
        "cells": float(fit.fitted.given.cells),
        "norm": fit.gradient_norm,
        "steps": float(fit.iterations),
    }


def peak() -> float:
    """Return the most memory that this process has held, in MB."""
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", text)[0]) / 1024


def warm() -> None:
    """Load the compiled loops, and what reads frames, on a handful of votes."""
    import polars as pl

    import multipolar as mp

    words = ["yes", "no", "abstain", "yes", "no", "yes"]
    rows = [(f"r{k}", f"S{s}", 1, words[(k + s) % 6]) for k in range(6) for s in range(60)]
    few = pl.DataFrame(rows, schema=["roll_call", "state", "period", "position"], orient="row")
    mp.scale(few)


def twin(path: str) -> dict[str, float]:
    """Search the mode with the plain loops, from the same start, and with the compiled ones."""
    import polars as pl

    import multipolar as mp
    from multipolar.measures.scaling import plain
    from multipolar.measures.scaling.newton import Fit, first_items
    from multipolar.measures.scaling.start import automatic_start

    frame = pl.read_parquet(path).filter(pl.col("period").is_between(*DECADE))
    fit = mp.scale(frame)
    given, settings = fit.fitted.given, fit.fitted.settings
    begin = time.perf_counter()
    start, items = automatic_start(given), first_items(given)
    slow = Fit(given, settings, plain).run(start, items)  # type: ignore[arg-type]
    seconds = time.perf_counter() - begin
    return {"twin": seconds, "ours": fit.fitted.mode.seconds, "norm": slow.gradient_norm}


def searched(given: Any, case: str) -> dict[str, float]:
    """Return the seconds of the search and of the errors, and the peak memory."""
    from multipolar.measures.scaling import kernels, laplace
    from multipolar.measures.scaling.newton import Fit, first_items
    from multipolar.measures.scaling.settings import Settings
    from multipolar.measures.scaling.start import automatic_start

    begin = time.perf_counter()
    fit = Fit(given, Settings(), kernels)
    mode = fit.run(automatic_start(given), first_items(given))
    search = time.perf_counter() - begin
    laplace.errors(fit, mode)
    return {
        "search": search,
        "whole": time.perf_counter() - begin,
        "converged": float(mode.converged),
        "peak": peak(),
    }


# --- figures ----------------------------------------------------------------------------------------


def timed(case: str, given: str) -> dict[str, float]:
    """Run a case in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--case", case, given],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures(path: Path, folder: Path, runs: int) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table on real votes."""
    timed("decade", str(path))  # compiles where that was not done
    peers = dynirt(path, folder)
    whole = []
    theirs: dict[float, list[float]] = {tolerance: [] for tolerance in peers}
    for k in range(runs):
        whole.append(timed("all", str(path)))
        for tolerance, run in peers.items():
            if tolerance == TOLERANCES[0] or k == 0:
                theirs[tolerance].append(run())
    how = f"median of {runs} processes"
    search, errors = (median(w[name] for w in whole) for name in ("search", "errors"))
    cells, norm = int(whole[0]["cells"]), whole[0]["norm"]
    yield (
        "all sessions, search of the mode",
        f"{search:.2f} s",
        "",
        f"{cells:,} votes, {int(whole[0]['steps'])} Newton steps to gradient norm {norm:.0e}; {how}",
    )
    yield "standard errors of all of them", f"{errors:.2f} s", "the search's own time", how
    yield (
        "`mp.scale(votes)`, frame to result",
        f"{median(w['whole'] for w in whole):.2f} s",
        "",
        how,
    )
    memory = max(w["memory"] for w in whole)
    yield "peak memory beyond the imports", f"{memory:.0f} MB", "210 MB", "highest of the runs"
    for tolerance, seconds in theirs.items():
        goal = "4 ×" if tolerance == TOLERANCES[0] else "50 ×"
        ratio = median(seconds) / search
        yield f"against dynIRT at {tolerance:g}", f"{ratio:.1f} ×", goal, "same votes, in turn"
    decade = [timed("decade", str(path)) for _ in range(runs)]
    yield (
        f"a decade, sessions {DECADE[0]} to {DECADE[1]}, search",
        f"{median(d['search'] for d in decade):.3f} s",
        "0.3 s",
        f"{int(decade[0]['cells']):,} votes; {how}",
    )
    yield (
        "the same, frame to result",
        f"{median(d['whole'] for d in decade):.2f} s",
        "",
        how,
    )
    plain = timed("twin", str(path))
    yield (
        "the same decade against the plain NumPy twin",
        f"{plain['twin'] / plain['ours']:.0f} ×",
        "",
        f"{plain['twin']:.1f} s, once",
    )


def dynirt(path: Path, folder: Path) -> dict[float, Any]:
    """Return how to time dynIRT at each tolerance; nothing where R or emIRT is missing."""
    import polars as pl

    script = shutil.which("Rscript")
    asked = [script or "", "-e", "library(emIRT)"]
    if not script or subprocess.run(asked, capture_output=True, check=False).returncode:
        return {}
    file = folder / "votes.csv"
    yes = (pl.col("position") == "yes").cast(pl.Int64).alias("yes")
    pl.read_parquet(path).select("state", "period", "roll_call", yes).write_csv(file)

    def run(tolerance: float) -> float:
        command = [script, str(ROOT / "benchmarks/dynirt.R"), str(file), str(tolerance)]
        done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True)
        return float(done.stdout.split()[0])

    return {t: (lambda t=t: run(t)) for t in TOLERANCES}


def linear(points: list[dict[str, float]]) -> Iterator[tuple[str, ...]]:
    """Yield the rows on simulated votes."""
    for p in points:
        yield (
            f"{int(p['cells']):,} simulated votes, search",
            f"{p['search']:.2f} s",
            "",
            f"{1e6 * p['search'] / p['cells']:.2f} s a million; errors {p['whole'] - p['search']:.2f} s; "
            f"{p['peak']:,.0f} MB in all; " + ("converged" if p["converged"] else "NOT CONVERGED"),
        )


def draw(points: list[dict[str, float]]) -> None:
    """Write the plot of seconds by votes."""
    import altair as alt
    import polars as pl

    alt.data_transformers.disable_max_rows()
    rows = pl.DataFrame(points)
    line = pl.DataFrame(
        {
            "cells": [points[0]["cells"], points[-1]["cells"]],
            "whole": [
                points[-1]["search"] * points[0]["cells"] / points[-1]["cells"],
                points[-1]["search"],
            ],
        }
    )
    x = alt.X("cells:Q", title="votes").scale(type="log").axis(format="~s", grid=False)
    y = alt.Y("search:Q", title="seconds").scale(type="log")
    chart = alt.layer(
        alt.Chart(line).mark_line(strokeDash=[2, 3], color="#6b747d").encode(x, y),
        alt.Chart(rows).mark_line(point=True, color="#0072b2").encode(x, y),
    ).properties(
        width=480, height=260, title="Search of the mode; dotted: in proportion to the votes"
    )
    chart.save(str(PLOT))


if __name__ == "__main__":
    sys.exit(main())
