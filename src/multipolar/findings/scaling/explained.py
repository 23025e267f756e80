"""A scaling in words: model, search, scale, what was left out, what it cannot tell, and citations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...measures.scaling.held_out import HeldOut
    from .result import ScaleResult
    from .scaled import Scaled


_LITERATURE = (
    (
        "@article{baileystrezhnevvoeten2017, author={Bailey, Michael A. and Strezhnev, Anton and Voeten, "
        "Erik}, title={Estimating Dynamic State Preferences from United Nations Voting Data}, "
        "journal={Journal of Conflict Resolution}, volume={61}, number={2}, pages={430--456}, year={2017}}"
    ),
    (
        "@article{martinquinn2002, author={Martin, Andrew D. and Quinn, Kevin M.}, title={Dynamic Ideal "
        "Point Estimation via Markov Chain Monte Carlo for the {U.S.} Supreme Court, 1953--1999}, "
        "journal={Political Analysis}, volume={10}, number={2}, pages={134--153}, year={2002}}"
    ),
    (
        "@article{clintonjackmanrivers2004, author={Clinton, Joshua and Jackman, Simon and Rivers, "
        "Douglas}, title={The Statistical Analysis of Roll Call Data}, journal={American Political Science "
        "Review}, volume={98}, number={2}, pages={355--370}, year={2004}}"
    ),
)
_REASONS = {
    "all voted alike": ("on which all voted alike", "全体一致"),
    "lopsided": ("that are more lopsided than asked", "比所设门槛更为一边倒"),
}


def explained(result: ScaleResult, lang: str) -> str:
    """Return the explanation as lines of text."""
    return "\n".join([*reading(result, lang), *sources(result)])


def sources(result: Scaled) -> list[str]:
    """Return the sources, one per line."""
    return [f"{s['publisher']}: {s['title']} <{s['url']}>" for s in result.subject.sources]


def reading(result: ScaleResult, lang: str) -> list[str]:
    """Return model, search, scale and limits, one per line."""
    place = 1 if lang == "zh" else 0
    lines = [
        *_model(result),
        *search_lines(result),
        *_scale(result),
        *left_out_lines(result),
        limits(result),
    ]
    return [pair[place] for pair in lines] + [note[place] for note in result.notes]


def _model(result: ScaleResult) -> list[tuple[str, str]]:
    s, binary = result.fitted.settings, result.choices.response == "binary"
    given = result.fitted.given
    lines = [
        (
            (
                f"{given.cells:,} votes of {len(given.states):,} states on {len(given.items):,} items in "
                f"{len(given.periods):,} {'period' if len(given.periods) == 1 else 'periods'}."
            ),
            (
                f"{len(given.periods):,}个时段，{len(given.states):,}国，{len(given.items):,}个表决事项，"
                f"{given.cells:,}张票。"
            ),
        )
    ]
    if binary:
        lines.append(
            (
                (
                    "A state at x votes yes with probability Φ(cut − beta x), else no; abstentions are left "
                    "out."
                ),
                "位于x的国家投赞成票的概率为Φ(cut − beta x)，否则投反对票；弃权不计。",
            )
        )
    else:
        lines.append(
            (
                (
                    "A state at x votes yes with probability Φ(cut_yes − beta x), no with "
                    "Φ(beta x − cut_no), and abstains otherwise."
                ),
                "位于x的国家投赞成票的概率为Φ(cut_yes − beta x)，投反对票的概率为Φ(beta x − cut_no)，其余为弃权。",
            )
        )
    dynamics = {
        "mean-reverting": (
            (
                f"From one period to the next an ideal point moves by a normal step of variance {s.step:g}; in "
                f"each it is pulled towards 0 with precision {s.pull:g} (scale of the model)."
            ),
            f"相邻时段之间的变动服从方差为{s.step:g}的正态分布，并在每一时段以精度{s.pull:g}向0收缩（模型尺度）。",
        ),
        "random-walk": (
            (
                f"From one period to the next an ideal point moves by a normal step of variance {s.step:g}; in "
                f"its first it has precision {s.pull:g} about 0 (scale of the model)."
            ),
            f"相邻时段之间的变动服从方差为{s.step:g}的正态分布；首个时段以精度{s.pull:g}分布于0附近（模型尺度）。",
        ),
        "static": (
            f"A state has one ideal point, with precision {s.pull:g} about 0 (scale of the model).",
            f"每国只有一个理想点，以精度{s.pull:g}分布于0附近（模型尺度）。",
        ),
    }
    lines.append(dynamics[result.choices.dynamics])
    if s.by_votes:
        lines.append(
            (
                (
                    "That variance is of a state that cast as many votes in both periods; it grows with the "
                    "share of the later one."
                ),
                "该方差适用于两时段投票数相同的情形；后一时段所占份额越大，方差越大。",
            )
        )
    if result.held_out:
        lines.append(_chosen(result.held_out))
    linked = int((result.items["roll_calls"] > 1).sum())
    if linked:
        shared = int(result.items["roll_calls"].sum()) - len(result.items)
        lines.append(
            (
                (
                    f"{linked:,} items join several roll calls on the same text ({shared:,} roll calls are "
                    "tied to an earlier one)."
                ),
                f"{linked:,}个事项合并了同一案文的多次表决（{shared:,}次表决与此前表决相连）。",
            )
        )
    absence = {
        "missing": None,
        "no": ("Absences count as no.", "缺席按反对票计。"),
        "abstain": ("Absences count as abstentions.", "缺席按弃权计。"),
    }[result.choices.absence]
    return lines + ([absence] if absence else [])


def _chosen(held_out: HeldOut) -> tuple[str, str]:
    best = next(c for c in held_out.candidates if c.chosen)
    near = [c for c in held_out.candidates if not c.chosen and c.difference <= 2 * c.se]
    return (
        (
            f"The strength of priors was chosen by {held_out.votes:,} votes held out "
            f"(log likelihood {best.log_likelihood:.4f} a vote); {len(near)} of the "
            f"{len(held_out.candidates) - 1} others tried are within two standard errors."
        ),
        (
            f"先验强度由留出的{held_out.votes:,}张票选定（每票对数似然{best.log_likelihood:.4f}）；"
            f"其余{len(held_out.candidates) - 1}组中有{len(near)}组相差不足两个标准误。"
        ),
    )


def search_lines(result: Scaled) -> list[tuple[str, str]]:
    """Return how the search ended, in English and Chinese."""
    norm, steps = result.gradient_norm, result.iterations
    if result.converged:
        lines = [
            (
                (
                    f"Converged: the mode of the posterior, after {steps} Newton steps with gradient norm "
                    f"{norm:.1e}."
                ),
                f"已收敛：{steps}步牛顿迭代后达到后验众数，梯度范数{norm:.1e}。",
            )
        ]
    else:
        lines = [
            (
                (
                    f"NOT CONVERGED: after {steps} Newton steps the gradient norm is {norm:.1e}. The numbers "
                    "are not those of the model."
                ),
                f"未收敛：{steps}步牛顿迭代后梯度范数为{norm:.1e}，所列数值并非模型的估计。",
            )
        ]
    check = result.check
    if check is not None:
        where = f"{check.state}, {check.period}"
        same = check.agrees
        lines.append(
            (
                (
                    f"A second search from a far start {'ends at the same place' if same else 'ends elsewhere'}: "
                    f"the largest difference is {check.largest_difference:.1e} standard deviations ({where})."
                ),
                (
                    f"自远处起点再次搜索，{'结果相同' if same else '结果不同'}：最大相差{check.largest_difference:.1e}"
                    f"个标准差（{where}）。"
                ),
            )
        )
    if result.integrated:
        errors = (
            (
                "Few vote on an item beside how often each votes, so that items are integrated out by quadrature: "
                "ideal points are the mode of their own posterior, and intervals at "
                f"{result.level:.0%} are from it, taken as normal there."
            ),
            (
                "相对于各国的投票次数，每项表决的票数较少，故以求积法对表决事项积分：理想点为其自身后验的众数，"
                f"{result.level:.0%}区间取自该后验在众数处的正态近似。"
            ),
        )
    else:
        errors = (
            (
                f"Intervals at {result.level:.0%} are from the joint posterior of ideal points and items, taken "
                "as normal at its mode."
            ),
            f"{result.level:.0%}区间取自理想点与表决事项的联合后验在众数处的正态近似。",
        )
    if result.fitted.errors.curvature == "coarse":
        rough = (
            (
                "In so large a body the errors hold what items share between states along shift, stretch and "
                "bend of the periods only."
            ),
            "成员众多，误差仅在各时段的平移、伸缩与弯曲方向上计入表决事项的共同不确定性。",
        )
        lines.append(rough)
    return [*lines, errors]


def _scale(result: ScaleResult) -> list[tuple[str, str]]:
    polarity = result.polarity
    states = polarity.states
    if polarity.rule == "anchors":
        values = result.choices.anchors or {}
        en = " and ".join(f"{s} at {values[s]:g}" for s in states)
        zh = "、".join(f"{s}为{values[s]:g}" for s in states)
        return [(f"Scale: {en}, by choice.", f"尺度由选定的两国固定：{zh}。")]
    lines = [
        (
            "Scale: mean 0 and standard deviation 1 over all states and periods with votes.",
            "尺度：全部有投票的国家与时段均值为0，标准差为1。",
        )
    ]
    if polarity.rule == "named":
        lines.append(
            (
                f"Which end is up is a choice: {states[0]} is above {states[1]}.",
                f"上下方向为人为选定：{states[0]}在{states[1]}之上。",
            )
        )
    elif polarity.rule == "room":
        lines.append(
            (
                (
                    "Which end is up has no meaning of its own; by rule, states further up vote less often with "
                    f"the largest group of a roll call (correlation {polarity.value:.2f})."
                ),
                (
                    "上下方向本身没有含义；按规则，位置越高的国家越少与表决中的最大群体一致"
                    f"（相关系数{polarity.value:.2f}）。"
                ),
            )
        )
    else:
        lines.append(
            (
                f"Which end is up has no meaning of its own; by rule, {states[0]} is above the middle.",
                f"上下方向本身没有含义；按规则，{states[0]}位于中点之上。",
            )
        )
    return lines


def left_out_lines(result: Scaled) -> list[tuple[str, str]]:
    """Return what was left out, in English and Chinese."""
    lines = []
    for dropped in result.dropped:
        en, zh = _REASONS[dropped.reason]
        lines.append(
            (
                f"Left out: {dropped.items:,} items {en} ({dropped.votes:,} votes).",
                f"未计入：{zh}的事项{dropped.items:,}个（{dropped.votes:,}张票）。",
            )
        )
    absent = result.fitted.absent
    if absent and result.choices.absence == "missing":
        lines.append(
            (
                f"{absent:,} absences are left out: the model takes them to say nothing.",
                f"{absent:,}次缺席未计入：模型视其不含信息。",
            )
        )
    return lines


def limits(result: Scaled) -> tuple[str, str]:
    """Return what ideal points cannot tell, in English and Chinese."""
    return (
        (
            "An ideal point says with whom a state votes on the texts that came to a vote, not what it wants; as "
            "the agenda changes, so may ideal points."
        ),
        "理想点只说明一国在付诸表决的案文上与谁投票一致，并不说明其意愿；议程变化时，理想点亦可能随之变化。",
    )


def cited(result: Scaled) -> str:
    """Return BibTeX of the sources of the votes and of the method."""
    entries = []
    for source in result.subject.sources:
        fields: dict[str, Any] = {
            "author": f"{{{source['publisher']}}}",
            "title": f"{{{source['title']}}}",
            "url": source["url"],
            "urldate": source["retrieved"],
        }
        inner = ", ".join(f"{k}={{{v}}}" for k, v in fields.items())
        entries.append(f"@misc{{{source['source_id']}, {inner}}}")
    return "\n\n".join([*entries, *_LITERATURE])
