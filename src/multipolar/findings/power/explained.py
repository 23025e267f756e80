"""A power result in words: its rule, how it was counted, what its limits are, and its citations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import words

if TYPE_CHECKING:
    from .result import PowerResult

_LITERATURE = {
    "banzhaf": (
        "@article{banzhaf1965, author={Banzhaf, John F.}, title={Weighted Voting Doesn't Work: A "
        "Mathematical Analysis}, journal={Rutgers Law Review}, volume={19}, pages={317--343}, "
        "year={1965}}"
    ),
    "shapley": (
        "@article{shapleyshubik1954, author={Shapley, L. S. and Shubik, Martin}, title={A Method for "
        "Evaluating the Distribution of Power in a Committee System}, journal={American Political "
        "Science Review}, volume={48}, number={3}, pages={787--792}, year={1954}}"
    ),
    "coleman": (
        "@incollection{coleman1971, author={Coleman, James S.}, title={Control of Collectivities and "
        "the Power of a Collectivity to Act}, booktitle={Social Choice}, editor={Lieberman, B.}, "
        "publisher={Gordon and Breach}, pages={269--300}, year={1971}}"
    ),
    "abstention": (
        "@book{felsenthalmachover1998, author={Felsenthal, Dan S. and Machover, Mosh\\'e}, "
        "title={The Measurement of Voting Power}, publisher={Edward Elgar}, year={1998}}"
    ),
}
_METHODS = {
    "kinds of players": (
        (
            "Members that count alike were put together, and every combination of how many of each kind "
            "are in favour was tried."
        ),
        "将作用相同的成员归为一类，逐一枚举各类赞成人数的全部组合。",
    ),
    "two halves of the players": (
        (
            "The members were cut in two halves; all coalitions of one half were held against the sorted "
            "coalitions of the other."
        ),
        "将成员分为两半，以一半的全部联盟与另一半排序后的联盟逐一配对计数。",
    ),
    "merged situations": (
        (
            "One member after the other was let vote, and situations that no threshold can tell apart "
            "were merged."
        ),
        "依次让成员投票，并将任何门槛都无法区分的局面合并。",
    ),
    "table of sums": (
        (
            "One table of sums counts the coalitions below the threshold; each member is taken out of it "
            "by an alternating series. Counts are kept modulo several primes and put together exactly."
        ),
        "以一张求和表统计门槛以下的联盟，再以交错级数逐一剔除各成员；计数对多个素数取模后精确还原。",
    ),
    "Monte Carlo": (
        "Coalitions were drawn at random; the intervals are at the 95 per cent level.",
        "随机抽取联盟估计；区间置信水平为95%。",
    ),
    "bounds": (
        (
            "The weights of some members are not known. The bounds hold for every way in which the rest of "
            "the votes could be spread."
        ),
        "部分成员的权重未知。所列上下界对其余票数的任何分布均成立。",
    ),
}


def explained(result: PowerResult, lang: str) -> str:
    """Return the explanation as lines of text: the reading, then the sources."""
    return "\n".join([*reading(result, lang), *sources(result)])


def sources(result: PowerResult) -> list[str]:
    """Return the sources, one per line."""
    return [f"{s['publisher']}: {s['title']} <{s['url']}>" for s in result.sources]


def reading(result: PowerResult, lang: str) -> list[str]:
    """Return rule, method and limits, one per line."""
    zh = lang == "zh"
    place = 1 if zh else 0

    def say(en: str, zh_text: str) -> str:
        return zh_text if zh else en

    lines = [result.rule(lang)]
    if article := (result.article_zh if zh else result.article_en):
        lines.append(article)
    if result.quota is not None:
        lines.append(say("Quota", "门槛") + f": {_plain(result.quota)}")
    for name, text in _METHODS.items():
        if name in result.method:
            lines.append(text[place])
    if "quadrature" in result.method:
        lines.append(
            say(
                "The Shapley–Shubik index is an integral over the common probability to agree, by "
                f"Gauss–Legendre quadrature; the indices sum to one within {_error(result)}.",
                f"沙普利—舒比克指数为对共同赞成概率的积分，以高斯—勒让德求积计算；各指数之和与1之差不超过{_error(result)}。",
            )
        )
    made = result.indices
    if made is not None and made.winning is not None and made.swings is not None:
        voters = len(made.players)
        base = 3 if made.abstention else 2
        lines.append(
            say(
                f"Of {base}^{voters} {'profiles' if base == 3 else 'coalitions'} {made.winning} adopt; "
                f"there are {sum(made.swings)} swings in all.",
                f"在{base}^{voters}种{'表决组合' if base == 3 else '联盟'}中，{made.winning}种获得通过；"
                f"摇摆次数合计{sum(made.swings)}次。",
            )
        )
    if made is not None and made.draws:
        lines.append(say(f"Draws: {made.draws}", f"抽样次数：{made.draws}"))
    lines += [note[place] for note in result.notes]
    return lines


def _error(result: PowerResult) -> str:
    assert result.indices is not None
    return f"{max(result.indices.shapley_error, 1e-15):.0e}"


def _plain(value: float | int) -> str:
    return words.fmt_number(value, "en") if isinstance(value, int) else f"{value:g}"


def cited(result: PowerResult) -> str:
    """Return BibTeX of the sources of the facts and of the indices."""
    entries = []
    for source in result.sources:
        fields: dict[str, Any] = {
            "author": f"{{{source['publisher']}}}",
            "title": f"{{{source['title']}}}",
            "url": source["url"],
            "urldate": source["retrieved"],
        }
        inner = ", ".join(f"{k}={{{v}}}" for k, v in fields.items())
        entries.append(f"@misc{{{source['source_id']}, {inner}}}")
    entries += [_LITERATURE["banzhaf"], _LITERATURE["shapley"], _LITERATURE["coleman"]]
    if result.indices is not None and result.indices.abstention:
        entries.append(_LITERATURE["abstention"])
    return "\n\n".join(entries)
