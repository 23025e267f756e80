"""Links between roll calls on the same text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from multipolar.measures.scaling.linking import chained, links, plain_title

SHARED = Path(__file__).resolve().parents[3] / "shared/data/votes"


def test_titles_are_compared_without_years_and_endings() -> None:
    assert plain_title(
        "Nuclear disarmament (1999) : resolution / adopted by the General Assembly"
    ) == (plain_title("Nuclear  disarmament: draft resolution"))
    assert plain_title(None) == ""


def test_only_unique_titles_near_in_time_and_alike_in_votes_are_linked() -> None:
    title = "The right to development of all"
    titles = [title, title, title, title, "Short", "Short", None]
    periods = [1, 2, 5, 6, 1, 2, 1]
    counts = np.array([[90, 5, 5]] * 3 + [[40, 30, 30]] + [[90, 5, 5]] * 3, dtype=float)
    assert links(range(7), titles, periods, counts) == [(0, 1)]
    assert links(range(7), titles, periods, counts, apart=1.0) == [(0, 1), (2, 3)]
    assert links(range(7), titles, periods, counts, farthest=3) == [(0, 1), (1, 2)]
    twice = [*titles[:2], title, *titles[3:]]
    assert links(range(7), twice, [1, 2, 2, 6, 1, 2, 1], counts) == []


def test_chains_begin_anew_when_they_grow_long() -> None:
    pairs = [(k, k + 1) for k in range(9)]
    first = chained(pairs, list(range(10)), longest=4)
    assert first.tolist() == [0, 0, 0, 0, 4, 4, 4, 4, 8, 8]


def test_links_agree_with_the_hand_made_ones(tmp_path: Path) -> None:
    if not SHARED.exists():
        pytest.skip("the datasets as published are not here")
    import polars as pl

    import multipolar as mp

    store = tmp_path / "store"
    mp.pull("unga", SHARED / "undl_layout_ga_voting_1946_2023.csv.gz", store=store)
    mp.pull("unvotes", SHARED, store=store)
    record = mp.open(store)
    votes = record.table("roll_calls", "unga").filter(pl.col("session").str.contains(r"^\d+$"))
    symbol = dict(
        record.table("roll_calls", "unvotes").select("roll_call_id", "symbol").iter_rows()
    )
    here = {s: k for k, s in enumerate(votes["symbol"])}
    hand = {}
    for a, b in pl.read_csv(SHARED / "Matches.csv").select("rcid1", "rcid2").iter_rows():
        pair = [symbol.get(f"unga:rcid-{x}") for x in (a, b)]
        if all(s in here for s in pair):
            hand[here[pair[0]]] = here[pair[1]]
    periods = [int(s) for s in votes["session"]]
    counts = votes.select("yes_n", "abstain_n", "no_n").fill_null(0).to_numpy().astype(float)
    found = links(votes["symbol"].to_list(), votes["title_en"].to_list(), periods, counts)
    told = [p for p in found if p[0] in hand and periods[p[1]] - periods[p[0]] == 1]
    right = sum(hand[a] == b for a, b in told)
    assert len(hand) == 902
    assert right / len(told) >= 0.99
    assert right / len(hand) >= 0.75
