"""Source cells of decision files: an address, or `@file:key` for the sources of a fact row."""

from __future__ import annotations

from common import SHIPPABLE, Build, Fact

KEYS = {
    "exits": ("id",),
    "blocs": ("bloc", "state", "start"),
    "weights": ("body",),
    "rules": ("body",),
}


def sources_in(build: Build, cell: str, title: str) -> tuple[str, str]:
    """Return source ids and the day up to which they speak (empty for an address)."""
    if not cell.startswith("@"):
        return build.source(cell, title), ""
    file, key = cell[1:].split(":", 1)
    if file == "upgrades":
        row = next(r for r in build.decisions("exits_upgrades") if r["id"] == key)
        return build.source(row["url"], row["title"]), row["as_of"]
    fact = _fact(build, file, key)
    return build.sources_of(fact), fact["as_of"]


def _fact(build: Build, file: str, key: str) -> Fact:
    wanted = tuple(key.split(","))
    for fact in build._read(file):
        names = KEYS[file]
        if tuple(fact[n] for n in names) == wanted and fact["confidence"] in SHIPPABLE:
            return fact
    raise LookupError(f"no sourced row {key!r} in {file}.csv")
