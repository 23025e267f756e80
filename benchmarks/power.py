"""Measure voting power against the packages that compute it, side by side, and print a table.

``python benchmarks/power.py [--peers PYTHON] [--runs N] [--write]``: ``PYTHON`` is an interpreter with
``power-bdd``, ``powerindex`` and ``powerindices`` installed; without it only our own figures are taken.
Each figure is the time of the computation alone, imports and reading left out, one thread, median of ``N``
processes taken in turn with the peer's. A peer that has not finished after 60 seconds is stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from run import ROOT, SOURCE, machine

LIMIT = 60
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": SOURCE,
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
}
DAY = date(2023, 1, 1)
UNION = date(2026, 6, 1)


def main() -> int:
    """Run one case in this process, or all of them in processes of their own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", default="")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--case", default="")
    chosen = parser.parse_args()
    if chosen.case:
        return one(chosen.case)
    rows = list(figures(chosen.peers, chosen.runs))
    lines = ["| what | ours | peer | times as fast | how |", "| --- | ---: | ---: | ---: | --- |"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    text = f"{machine()}\n\n" + "\n".join(lines) + "\n"
    print(text)
    if chosen.write:
        page = ROOT / "benchmarks/README.md"
        new = re.sub(
            r"(<!-- power -->\n).*(<!-- /power -->)",
            lambda found: found[1] + text + found[2],
            page.read_text(encoding="utf-8"),
            flags=re.S,
        )
        page.write_text(new, encoding="utf-8")
    return 0


# --- cases: each prints seconds, peak memory in MB, and two values to compare ------------------------


def weights() -> dict[str, Any]:
    """Return the weights that the cases share, from the almanac."""
    import multipolar as mp
    from multipolar.rules.bodies import members_of

    record = mp.open()
    fund = members_of(record, "imf", DAY).members
    union = members_of(record, "eu-council", UNION).members
    assert fund is not None
    assert union is not None
    people = {s: int(w * 100_000) for s, w in union.weights["population"].items()}
    return {"fund": {s: int(w) for s, w in fund.weights["votes"].items()}, "union": people}


def _form(members: dict[str, Any], rule: Any) -> Any:
    from multipolar.rules.game import Game

    return Game.of(members, rule).form()


UNION_RULE = {
    "all": [
        {"count": {"at_least": "55/100"}},
        {"any": [{"weighted": {"quota": "65/100"}}, {"count": {"at_least": 24}}]},
    ]
}


def ours(case: str) -> Callable[[], tuple[float, float]]:
    """Return our computation of a case, its inputs read."""
    from multipolar.measures.power import quadrature, table
    from multipolar.measures.power.indices import indices

    held = weights()
    if case.startswith("union"):
        form = _form(held["union"], UNION_RULE)

        def union() -> tuple[float, float]:
            made = indices(form)
            return max(made.banzhaf_absolute), max(made.shapley_shubik or ())

        return union
    quota = {"50": "1/2", "70": "70/100", "85": "85/100"}[case.split("-")[1]]
    rule: dict[str, Any] = {"weighted": {"quota": quota, "strict": quota == "1/2"}}
    if case.endswith("heads"):
        rule = {"all": [rule, {"count": {"at_least": "3/5"}}]}
    form = _form(held["fund"], rule)

    def swings() -> tuple[float, float]:
        sides = [table.side_of(form, favour=favour) for favour in (True, False)]
        made = table.count_by_table(min((s for s in sides if s), key=lambda s: s.work))
        return max(made.swings) / sum(made.swings), 0.0

    def shapley() -> tuple[float, float]:
        values, error = quadrature.shapley_by_table(form)
        return float(values.max()), error

    def both() -> tuple[float, float]:
        made = indices(form)
        return max(made.banzhaf_normalised), max(made.shapley_shubik or ())

    return {"banzhaf": swings, "shapley": shapley, "heads": both}[case.split("-")[2]]


def peer(case: str) -> Callable[[], tuple[float, float]]:
    """Return a peer's computation of a case; the weights come on standard input."""
    held = json.loads(sys.stdin.read())
    people, votes = list(held["union"].values()), sorted(held["fund"].values(), reverse=True)
    need, quota = -(-65 * sum(people) // 100), -(-85 * sum(votes) // 100)
    if case == "peer-union-bdd":
        from power_bdd.bdd import BDD, WeightedGame

        def bdd() -> tuple[float, float]:
            heads = BDD(WeightedGame(15, [1] * 27))
            game = heads & (BDD(WeightedGame(need, people)) | BDD(WeightedGame(24, [1] * 27)))
            return max(game.calc_banzhaf()), max(game.calc_shapley())

        return bdd
    if case.endswith("powerindex"):
        import powerindex

        def generating() -> tuple[float, float]:
            game = powerindex.Game(quota, weights=votes)
            game.calc_banzhaf()
            return max(game.banzhaf), 0.0

        return generating
    import powerindices

    def dynamic() -> tuple[float, float]:
        return max(powerindices.compute_pbi(quota, votes)), 0.0

    return dynamic


def one(case: str) -> int:
    """Time one computation; ours runs once before, so that compiled loops are loaded."""
    run = peer(case) if case.startswith("peer") else ours(case)
    if not case.startswith("peer"):
        run()
    begin = time.perf_counter()
    first, second = run()
    seconds = time.perf_counter() - begin
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([seconds, memory, first, second]))
    return 0


# --- figures --------------------------------------------------------------------------------------


def figures(peers: str, runs: int) -> Iterator[tuple[str, ...]]:
    """Yield one row per figure."""
    python, given = sys.executable, json.dumps(weights())
    yield pair(
        "EU 27, heads, people and the blocking clause, both indices",
        (python, "union"),
        (peers, "peer-union-bdd", "power_bdd"),
        runs,
        given,
    )
    for name in ("powerindices", "powerindex"):
        yield pair(
            f"IMF, 190 members, 85 %, Banzhaf of all ({name})",
            (python, "fund-85-banzhaf"),
            (peers, f"peer-fund-{name}", name),
            runs,
            given,
        )
    for share in ("50", "70", "85"):
        for index in ("banzhaf", "shapley"):
            yield alone(f"IMF, {share} %, {index}", python, f"fund-{share}-{index}", runs)
    yield alone(
        "IMF, 85 % and three fifths of the members, both exactly", python, "fund-85-heads", 1
    )
    yield kept(runs)
    yield compiled()


def timed(python: str, case: str, given: str = "") -> list[float] | None:
    """Run a case in a process of its own; None where it did not finish in time."""
    command = [python, __file__, "--case", case]
    try:
        done = subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=LIMIT, env=ENVIRONMENT
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"{case}: {done.stderr.strip().splitlines()[-1]}")
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def pair(
    what: str, mine: tuple[str, str], other: tuple[str, str, str], runs: int, given: str
) -> tuple[str, ...]:
    """Take our time and a peer's in turn."""
    python, case, name = other
    own: list[list[float]] = []
    theirs: list[list[float]] = []
    late = False
    for _ in range(runs):
        own.append(timed(*mine) or [])
        if python and not late:
            found = timed(python, case, given)
            late = found is None
            theirs += [found] if found else []
    seconds = median(each[0] for each in own)
    if not python:
        return (what, clock(seconds), "not installed", "", f"median of {runs}")
    if late:
        return (
            what,
            clock(seconds),
            f"stopped after {LIMIT} s",
            f"> {LIMIT / seconds:.0f} ×",
            name,
        )
    peer_seconds = median(each[0] for each in theirs)
    low, high = sorted(b[0] / a[0] for a, b in zip(own, theirs, strict=True))[:: runs - 1]
    same = all(abs(a - b) < 1e-9 for a, b in zip(own[0][2:], theirs[0][2:], strict=True))
    agreed = "same values" if same else "its values differ"
    return (
        what,
        clock(seconds),
        clock(peer_seconds),
        f"{peer_seconds / seconds:.1f} × ({low:.1f} to {high:.1f})",
        f"{name}; median of {runs}; {agreed}",
    )


def alone(what: str, python: str, case: str, runs: int) -> tuple[str, ...]:
    """Take our own time and peak memory."""
    found = [timed(python, case) or [] for _ in range(runs)]
    memory = max(each[1] for each in found)
    return (
        what,
        clock(median(each[0] for each in found)),
        "",
        "",
        f"median of {runs}; {memory:.0f} MB at most",
    )


def kept(runs: int) -> tuple[str, ...]:
    """Take the whole command for all decisions of the Fund, results kept."""
    command = [sys.executable, "-m", "multipolar", "power", "imf", "--format", "json"]
    spans = []
    for _ in range(runs + 1):
        begin = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True, env=ENVIRONMENT)
        spans.append(time.perf_counter() - begin)
    return (
        "`multipolar power imf`, six decisions, all indices, kept",
        clock(median(spans[1:])),
        "",
        "",
        f"median of {runs} whole processes",
    )


def compiled() -> tuple[str, ...]:
    """Compare the compiled loops with the plain ones on one pass over a table."""
    import random

    from multipolar.measures.power import kernels, plain, table

    rng = random.Random(1)
    members = {f"m{i}": rng.randint(1, 900) for i in range(120)}
    side = table.side_of(_form(members, {"weighted": {"quota": "2/3"}}), favour=False)
    assert side is not None
    modulus = table.moduli_for(120)[1]
    spans = []
    for loops in (kernels, plain):
        table.fill(side, loops, modulus)
        begin = time.perf_counter()
        table.fill(side, loops, modulus)
        spans.append(time.perf_counter() - begin)
    return (
        "a table of 120 members, one prime",
        clock(spans[0]),
        clock(spans[1]),
        f"{spans[1] / spans[0]:.0f} ×",
        "the plain NumPy twin",
    )


def clock(seconds: float) -> str:
    """Return seconds or milliseconds."""
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
