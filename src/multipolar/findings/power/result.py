"""What `power` returns: the voting power of every member in one decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ...measures.power.indices import Indices
from ...rules.game import Game

if TYPE_CHECKING:
    import altair
    import polars as pl

    from .series import PowerSeries

INDICES = {
    "banzhaf_absolute": ("Banzhaf, absolute", "班扎夫指数（绝对值）"),
    "banzhaf_normalised": ("Banzhaf, normalised", "班扎夫指数（归一化）"),
    "shapley_shubik": ("Shapley–Shubik", "沙普利—舒比克指数"),
    "coleman_prevent": ("Coleman, to prevent", "科尔曼阻止力"),
    "coleman_initiate": ("Coleman, to initiate", "科尔曼倡议力"),
    "deegan_packel": ("Deegan–Packel", "迪根—帕克尔指数"),
    "holler": ("Holler (public good)", "霍勒指数（公共物品）"),
    "owen": ("Owen", "欧文值"),
    "banzhaf_owen": ("Banzhaf–Owen", "班扎夫—欧文值"),
}
"""Indices by name, with their English and Chinese labels."""
Row = dict[str, Any]


@dataclass(frozen=True)
class PowerResult:
    """The voting power of every member of a body in one decision, or in a game.

    Attributes
    ----------
    body, decision : str or None
        Which decision; None for a game of the user's.
    label_en, label_zh, article_en, article_zh : str
        What the decision is called, and where its rule stands.
    as_of : date or None
        The day; None for a game.
    game : Game
        Members and rule.
    members : tuple of dict
        Per member: ``state, weight, weight_share, banzhaf_absolute, banzhaf_normalised,
        shapley_shubik, coleman_prevent, coleman_initiate, veto, swings`` and, where they were
        estimated or bounded, ``bounds``. A value that is not known is None.
    indices : Indices or None
        The indices as computed; None where weights are missing and only bounds can be given, or
        where the rule cannot pass.
    can_decide : bool or None
        Whether the members together can decide.
    coverage : float
        Share of the votes whose holders are known.
    coalitions : mapping
        Who can block alone, and the smallest coalitions that block or decide.
    notes : tuple of (str, str)
        What has to be known to read the numbers, in English and Chinese.
    sources : tuple of mapping
        Where rule, members and weights were read.
    without : str or None, mode : str or None
        The member that is absent or has left.
    options : mapping
        Further choices that were made: blocs, abstention, a member that joins.
    """

    body: str | None
    decision: str | None
    label_en: str
    label_zh: str
    article_en: str
    article_zh: str
    as_of: date | None
    game: Game
    members: tuple[Row, ...]
    indices: Indices | None
    can_decide: bool | None
    coverage: float
    coalitions: Mapping[str, Any]
    notes: tuple[tuple[str, str], ...]
    sources: tuple[Mapping[str, Any], ...]
    without: str | None = None
    mode: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    @property
    def exact(self) -> bool:
        """Return whether every value was counted, none drawn or bounded."""
        if self.indices is None:
            return self.can_decide is not None
        return self.indices.exact and self.options.get("blocs_exact", True)

    @property
    def method(self) -> str:
        """Return how the values came about."""
        if self.indices is not None:
            return self.indices.method
        if self.can_decide is not None:
            return "none needed: the outcome does not depend on anybody"
        return "bounds" if any("bounds" in row for row in self.members) else "not known"

    @property
    def quota(self) -> float | int | None:
        """Return the votes that the rule asks, as a number."""
        return number(self.game.quota)

    def rule(self, lang: str = "en") -> str:
        """Return the rule as a sentence, states by name."""
        place = 1 if lang == "zh" else 0
        return self.game.sentence(lang, lambda s: self.names.get(s, (s, s))[place])

    @property
    def table(self) -> pl.DataFrame:
        """Return the members as a frame, one row each, the most powerful first."""
        import polars as pl

        rows = [
            {k: v for k, v in row.items() if not isinstance(v, dict | list) and k != "swings"}
            for row in self.ranked()
        ]
        swings = [None if row["swings"] is None else str(row["swings"]) for row in self.ranked()]
        frame = pl.DataFrame(rows, infer_schema_length=None)
        return frame.with_columns(pl.Series("swings", swings, dtype=pl.String))

    def ranked(self, index: str = "shapley_shubik") -> list[Row]:
        """Return the members, the most powerful first; ties by weight, then by name."""

        def order(row: Row) -> tuple[float, float, int, str]:
            value = row.get(index)
            if value is None:
                value = row.get("banzhaf_absolute")
            state = row["state"]
            unnamed = len(state) if state.startswith("?") else 0
            return -(value or 0.0), -(row["weight"] or 0), unnamed, state

        return sorted(self.members, key=order)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as the JSON contract has it."""
        made = self.indices
        return {
            "body": self.body,
            "decision": self.decision,
            "label_en": self.label_en,
            "label_zh": self.label_zh,
            "rule": str(self.game.rule),
            "rule_en": self.rule("en"),
            "rule_zh": self.rule("zh"),
            "article_en": self.article_en,
            "article_zh": self.article_zh,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "quota": self.quota,
            "without": self.without,
            "mode": self.mode,
            **self.options,
            "members": [dict(row) for row in self.members],
            "method": self.method,
            "exact": self.exact,
            "draws": made.draws if made else 0,
            "winning": made.winning if made else (0 if self.can_decide is False else None),
            "coleman_act": made.act if made else (0.0 if self.can_decide is False else None),
            "shapley_error": made.shapley_error if made else None,
            "can_decide": self.can_decide,
            "coverage": self.coverage,
            **self.coalitions,
            "notes": [en for en, _ in self.notes],
            "notes_zh": [zh for _, zh in self.notes],
            "sources": [dict(source) for source in self.sources],
        }

    def along_quotas(self, quotas: Sequence[Fraction] = ()) -> PowerSeries:
        """Return the power of every member as the quota moves, by default from 50 to 100 per cent.

        Raises
        ------
        BadInput
            The rule has more than one condition, or its weights are not all known.
        """
        from .series import along_quotas

        return along_quotas(self, quotas)

    def explain(self, lang: str = "en") -> str:
        """Return how the numbers were made: rule, method, swings, coalitions, limits, sources."""
        from .explained import explained

        return explained(self, lang)

    def cite(self) -> str:
        """Return BibTeX entries of the sources, and of the indices."""
        from .explained import cited

        return cited(self)

    def plot(self, lang: str = "en") -> altair.LayerChart:
        """Return a chart of power against weight that marks who can block alone."""
        from .chart import chart

        return chart(self, lang)


def number(value: Fraction | int | None) -> float | int | None:
    """Return a fraction as a whole number where it is one, else as a float."""
    if value is None:
        return None
    return int(value) if Fraction(value).denominator == 1 else float(value)


def rows_of(
    game: Game,
    states: Iterable[str],
    made: Indices | None,
    vetoes: Mapping[str, bool | None],
    can_decide: bool | None,
) -> tuple[Row, ...]:
    """Return one row per member; zeros where no text can pass, None where values are not known."""
    weights = {state: game.weight(state) for state in states}
    total = game.total
    place = {state: i for i, state in enumerate(made.players)} if made else {}
    rows = []
    for state, weight in weights.items():
        i = place.get(state)
        fixed = game.fixed.get(state)
        if fixed is not None:
            continue
        row: Row = {
            "state": state,
            "weight": number(weight),
            "weight_share": float(weight / total) if weight is not None and total else None,
        }
        nothing = 0.0 if can_decide is False else None
        row["banzhaf_absolute"] = made.banzhaf_absolute[i] if made and i is not None else nothing
        share = made.banzhaf_normalised[i] if made and i is not None else None
        row["banzhaf_normalised"] = None if share is None or share != share else share
        for name, values in (
            ("shapley_shubik", made.shapley_shubik if made else None),
            ("coleman_prevent", made.prevent if made else None),
            ("coleman_initiate", made.initiate if made else None),
        ):
            row[name] = values[i] if values and i is not None else nothing
        if made and made.abstention:
            row["shapley_shubik"] = row["coleman_prevent"] = row["coleman_initiate"] = None
        row["veto"] = vetoes.get(state)
        row["swings"] = made.swings[i] if made and made.swings and i is not None else None
        if can_decide is False:
            row["swings"] = 0
            row["coleman_prevent"] = None
        if made and made.shapley_exact and i is not None:
            row["shapley_shubik_exact"] = str(made.shapley_exact[i])
        if made and made.intervals and i is not None:
            row["bounds"] = {name: [lo[i], hi[i]] for name, (lo, hi) in made.intervals.items()}
        rows.append(row)
    return tuple(rows)
