"""Compute the voting power that ships: every large game of the almanac, on every day its weights changed.

    python tools/power.py          # write src/multipolar/findings/power/computed.json
    python tools/power.py --check  # say whether the file holds exactly the games of the almanac

The file is keyed by the games themselves, so that an entry whose weights or rule have changed is
never read; this tool drops such entries and adds those that are missing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

from multipolar.findings.power.cache import SHIPPED, VERSION, entry_of
from multipolar.measures.power import halves, kinds
from multipolar.measures.power.indices import indices
from multipolar.record.store import Record
from multipolar.rules.bodies import members_of, rules_of
from multipolar.rules.form import Form
from multipolar.rules.game import Game, key_of


def large(form: Form) -> bool:
    """Say whether a game needs a table of sums."""
    few = kinds.combinations(kinds.kinds_of(form)) <= 20_000
    return not few and not halves.suits(form)


def games(record: Record) -> Iterator[tuple[str, Form]]:
    """Yield a name and the form of every large game."""
    for body in sorted({row["body_id"] for row in record.rows("weights")}):
        days = {row["start"] for row in record.where("weights", "body_id", body)} | {record.date}
        for day in sorted(days):
            yield from of_day(record, body, day)


def of_day(record: Record, body: str, day: date) -> Iterator[tuple[str, Form]]:
    """Yield the large games of a body on a day."""
    members = members_of(record, body, day).members
    for rule in rules_of(record, body, day) if members else ():
        if rule.rule is None or rule.form != "vote" or members is None or members.unnamed:
            continue
        try:
            form = Game(members, rule.rule).form()
        except ValueError:
            continue
        if not isinstance(form.formula, bool) and large(form):
            yield f"{body} {rule.decision} {day}", form


def main() -> int:
    """Write or check the file."""
    held: dict[str, Any] = {}
    if SHIPPED.exists():
        held = json.loads(SHIPPED.read_text(encoding="utf-8"))["games"]
    wanted = {key_of(form): (name, form) for name, form in games(Record())}
    known = {key for key, entry in held.items() if entry["version"] == VERSION}
    if "--check" in sys.argv:
        print(
            f"{len(wanted)} games; {len(wanted.keys() - known)} missing, {len(known - wanted.keys())} stale"
        )
        return 0 if known == wanted.keys() else 1
    made = {}
    for key, (name, form) in wanted.items():
        made[key] = held[key] if key in known else entry_of(indices(form))
        print(name, made[key]["method"], flush=True)
    content = {"made_by": "python tools/power.py", "games": dict(sorted(made.items()))}
    SHIPPED.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
