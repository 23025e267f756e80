"""A scaling in the plane in words: model, search, scale, what was left out, what it cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import explained as line

if TYPE_CHECKING:
    from .plane import PlaneResult

Lines = list[tuple[str, str]]
_LOOSE = 0.2
"""Standard error of the turn, in radians, from which it is said to be weakly determined."""


def explained(result: PlaneResult, lang: str) -> str:
    """Return the explanation as lines of text."""
    return "\n".join([*reading(result, lang), *line.sources(result)])


def cited(result: PlaneResult) -> str:
    """Return BibTeX of the sources of the votes and of the method."""
    return line.cited(result)


def reading(result: PlaneResult, lang: str) -> list[str]:
    """Return model, search, scale and limits, one per line."""
    place = 1 if lang == "zh" else 0
    lines = [
        *_model(result),
        *line.search_lines(result),
        *_errors(result),
        rotation(result),
        *_ends(result),
        *line.left_out_lines(result),
        line.limits(result),
    ]
    return [pair[place] for pair in lines] + [note[place] for note in result.notes]


def _model(result: PlaneResult) -> Lines:
    s, given = result.fitted.settings, result.fitted.given
    periods, items = len(given.periods), len(given.items)
    lines = [
        (
            (
                f"Two dimensions: {given.cells:,} votes of {len(given.states):,} states on {items:,} "
                f"items in {periods:,} {'period' if periods == 1 else 'periods'}."
            ),
            f"二维：{periods:,}个时段，{len(given.states):,}国，{items:,}个表决事项，{given.cells:,}张票。",
        )
    ]
    if result.choices.response == "binary":
        lines.append(
            (
                (
                    "A state at (x, y) votes yes with probability Φ(cut − beta x − beta2 y), else no; "
                    "abstentions are left out."
                ),
                "位于(x, y)的国家投赞成票的概率为Φ(cut − beta x − beta2 y)，否则投反对票；弃权不计。",
            )
        )
    else:
        lines.append(
            (
                (
                    "A state at (x, y) votes yes with probability Φ(cut_yes − beta x − beta2 y), no with "
                    "Φ(beta x + beta2 y − cut_no), and abstains otherwise."
                ),
                (
                    "位于(x, y)的国家投赞成票的概率为Φ(cut_yes − beta x − beta2 y)，投反对票的概率为"
                    "Φ(beta x + beta2 y − cut_no)，其余为弃权。"
                ),
            )
        )
    dynamics = {
        "mean-reverting": (
            (
                f"From one period to the next each coordinate moves by a normal step of variance {s.step:g}; "
                f"in each it is pulled towards 0 with precision {s.pull:g} (scale of the model)."
            ),
            f"相邻时段之间各坐标的变动服从方差为{s.step:g}的正态分布，并在每一时段以精度{s.pull:g}向0收缩（模型尺度）。",
        ),
        "random-walk": (
            (
                f"From one period to the next each coordinate moves by a normal step of variance {s.step:g}; "
                f"in its first it has precision {s.pull:g} about 0 (scale of the model)."
            ),
            f"相邻时段之间各坐标的变动服从方差为{s.step:g}的正态分布；首个时段以精度{s.pull:g}分布于0附近（模型尺度）。",
        ),
        "static": (
            (
                f"A state has one ideal point, each coordinate with precision {s.pull:g} about 0 (scale of "
                "the model)."
            ),
            f"每国只有一个理想点，各坐标以精度{s.pull:g}分布于0附近（模型尺度）。",
        ),
    }
    lines.append(dynamics[result.choices.dynamics])
    linked = int((result.items["roll_calls"] > 1).sum())
    if linked:
        lines.append(
            (
                f"{linked:,} items join several roll calls on the same text.",
                f"{linked:,}个事项合并了同一案文的多次表决。",
            )
        )
    if result.choices.absence != "missing":
        word = {"no": ("no", "反对票"), "abstain": ("abstentions", "弃权")}[result.choices.absence]
        lines.append((f"Absences count as {word[0]}.", f"缺席按{word[1]}计。"))
    return lines


def _errors(result: PlaneResult) -> Lines:
    kind = result.fitted.errors.curvature
    if kind == "conditional":
        return [
            (
                "So many states vote that errors are given the items: they are too small.",
                "因国家数目过大，标准误以表决事项参数为给定值计算，故偏小。",
            )
        ]
    if kind == "gauss-newton":
        return []
    degrees = result.fitted.errors.turn * 57.29577951308232
    first, second = (float(result.points[name].median()) for name in ("se", "se2"))  # type: ignore[arg-type]
    return [
        (
            (
                "That middle, units and turn of the plane are estimates is in the errors; the turn has a "
                f"standard error of {degrees:.1f} degrees."
            ),
            f"平面的中点、单位与旋转均为估计值，其不确定性已计入标准误；旋转角的标准误为{degrees:.1f}度。",
        ),
        (
            (
                f"The median standard error is {first:.2f} on the first axis and {second:.2f} on the second. Any "
                "votes give a second axis, noise too; where its errors come near 1 it hardly tells states apart."
            ),
            (
                f"标准误的中位数在第一轴为{first:.2f}，第二轴为{second:.2f}。任何表决（包括纯噪声）都会给出第二轴；"
                "其标准误接近1时，几乎不能区分各国。"
            ),
        ),
    ]


def rotation(result: PlaneResult) -> tuple[str, str]:
    """Return by what rule the plane is turned, and how much lies along each axis."""
    first, second = result.shares
    en = (
        "Scale: on either axis mean 0 and standard deviation 1 over all states and periods with votes, the two "
        "uncorrelated. The first axis is that along which the votes divide most (items weighed by their votes "
        f"outside the largest group): {first:.0%} of the variance of the latent responses, noise left out, is "
        f"along it, {second:.0%} along the second."
    )
    zh = (
        "尺度：两轴在全部有投票的国家与时段上均值为0、标准差为1，且互不相关。第一轴为表决分歧最大的方向"
        f"（各事项以最大群体以外的票数加权）：除噪声外，潜在反应方差的{first:.0%}在第一轴，{second:.0%}在第二轴。"
    )
    if result.fitted.errors.turn > _LOOSE:
        en += " The votes hardly tell one direction from another, so that the turn is weakly determined."
        zh += "表决难以区分两个方向，旋转方向难以确定。"
    return en, zh


def _ends(result: PlaneResult) -> Lines:
    """Return which ends are up, axis by axis."""
    lines = []
    for en, zh, polarity in (
        ("First axis", "第一轴", result.polarity),
        ("Second axis", "第二轴", result.polarity2),
    ):
        states = polarity.states
        if polarity.rule == "named":
            said = (
                f"which end is up is a choice: {states[0]} is above {states[1]}.",
                f"上下方向为人为选定：{states[0]}在{states[1]}之上。",
            )
        elif polarity.rule == "room":
            said = (
                (
                    "which end is up has no meaning of its own; by rule, states further up vote less often "
                    f"with the largest group of a roll call (correlation {polarity.value:.2f})."
                ),
                (
                    "上下方向本身没有含义；按规则，位置越高的国家越少与表决中的最大群体一致"
                    f"（相关系数{polarity.value:.2f}）。"
                ),
            )
        else:
            said = (
                (
                    f"which end is up has no meaning of its own; by rule, {states[0]} is above the middle, "
                    "as the first state in the order of labels that stands clearly beside it."
                ),
                f"上下方向本身没有含义；按规则，{states[0]}（按标签排序首个明显偏离中点者）位于中点之上。",
            )
        lines.append((f"{en}: {said[0]}", f"{zh}：{said[1]}"))
    return lines
