"""Compute the ideal points that ship: the General Assembly, every state and year.

    python tools/estimates.py --store DIR [--series NAME]   # write src/multipolar/record/almanac/estimated
    python tools/estimates.py --store DIR --check           # say whether the files are those of the votes

DIR is a store into which the voting file was pulled: `multipolar data pull unga --from FILE --store DIR`.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from datetime import date
from typing import Any

import multipolar as mp
from multipolar import __version__
from multipolar.record.estimates import COLUMNS, Estimates
from multipolar.record.store import ALMANAC, Record

HELD = Estimates(ALMANAC)

BODY = "unga"
SOURCE = "digitallibrary-un-org-e8bdf3"
"""The page of the voting file, in the table of sources."""
FIRST = 1946
DIGITS = 4
CLOSE = 2e-3
"""How far apart the same estimates may be on another machine."""


def points_of(fit: Any) -> str:
    """Return the ideal points as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in fit.points.iter_rows(named=True):
        numbers = (f"{row[name]:.{DIGITS}f}" for name in ("estimate", "se", "lo", "hi"))
        writer.writerow([row["state"], row["period"], *numbers, row["n"]])
    return text.getvalue()


def told_of(record: Record, fit: Any, name: str) -> dict[str, Any]:
    """Return what made the ideal points."""
    edition = record.library.editions[BODY]
    result = fit.to_dict()
    last = max(row["period"] for row in result["points"])
    return {
        "series": name,
        "body_id": BODY,
        "period_kind": "year",
        "level": fit.level,
        "source_id": SOURCE,
        "from": edition.manifest["from"],
        "until": edition.manifest["until"],
        "made": date.today().isoformat(),
        "software": f"multipolar {__version__}",
        "command": f"multipolar scale {BODY} --from {FIRST} --to {last} --format csv",
        "dataset": edition.dataset,
        "edition": edition.edition,
        "sha256": edition.manifest["sha256"],
        "model": result["model"],
        "priors": result["priors"],
        "scale": result["scale"],
        "polarity": result["polarity"],
        "converged": result["converged"],
        "gradient_norm": float(f"{result['gradient_norm']:.1e}"),
        "iterations": result["iterations"],
        "log_likelihood": round(result["log_likelihood"], 2),
        "votes": result["votes"],
        "roll_calls": len(result["roll_calls"]),
        "items": len(fit.items),
        "dropped": result["dropped"],
        "rows": len(result["points"]),
    }


def differences(text: str) -> str:
    """Return how the file differs from the estimates given; nothing where it does not."""
    held = list(csv.DictReader(HELD.file.read_text(encoding="utf-8").splitlines()))
    made = list(csv.DictReader(text.splitlines()))
    if [(r["state_id"], r["period"], r["n"]) for r in held] != [
        (r["state_id"], r["period"], r["n"]) for r in made
    ]:
        return "states, years or votes differ"
    apart = max(
        abs(float(a[name]) - float(b[name]))
        for a, b in zip(held, made, strict=True)
        for name in ("estimate", "se", "lo", "hi")
    )
    return "" if apart <= CLOSE else f"a number differs by {apart:.2g}"


def main() -> int:
    """Write or check the files."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--store", required=True)
    ask.add_argument("--series", default=f"multipolar-{date.today():%Y-%m}")
    ask.add_argument("--check", action="store_true")
    asked = ask.parse_args()
    record = mp.open(asked.store)
    fit = mp.scale(record, BODY, first=FIRST)
    if not fit.converged:
        print("the fit did not converge: nothing is written", file=sys.stderr)
        return 1
    text = points_of(fit)
    if asked.check:
        wrong = differences(text)
        print(wrong or "the files are those of the votes")
        return 1 if wrong else 0
    HELD.directory.mkdir(exist_ok=True)
    HELD.file.write_text(text, encoding="utf-8")
    told = json.dumps(told_of(record, fit, asked.series), indent=1, ensure_ascii=False)
    (HELD.directory / "series.json").write_text(told + "\n", encoding="utf-8")
    print(f"{len(fit.points):,} ideal points written to {HELD.directory}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
