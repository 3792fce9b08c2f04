"""What the residuals of a fit say, in words: each sentence is there only if chance is ruled out."""

import itertools
import math

import numpy as np

from surefit.report.rounding import rounded, significant
from surefit.report.wording import count_of, probability
from surefit.uncertainty.goodness.assess import LEVEL
from surefit.uncertainty.goodness.assessment import Along, Assessment, Check, Part

_NAMED = 5  # points or stretches named in one sentence
_GAP = 0.1  # of both together, that may lie between two stretches which are told as one
_NEARLY_ALL = 0.9  # share of the points that a wave must span to be everywhere
_DECISIVE = 1.0  # Cook's distance from which one point decides the fit (Cook and Weisberg 1982)
_FOLLOWED = 0.9  # leverage from which the curve goes through a point whatever is measured there


def findings(assessment: Assessment) -> tuple[str, ...]:
    """Sentences on everything that speaks against model or errors.

    Each comes up by chance in about one of a hundred good fits, wherever in x it may be: the
    probabilities are those of the largest of everything that was looked at.

    Args:
        assessment: The statistics.

    Returns:
        The sentences, the most important first; none if nothing speaks against the fit.
    """
    sentences = [_structure(along, assessment) for along in assessment.along]
    has_structure = any(sentences)
    sentences.append(_outliers(assessment))
    sentences += _widths(assessment, has_structure)
    if not any(sentences):
        sentences.append(_shape(assessment))
    return tuple(sentence for sentence in sentences if sentence)


def decisive_points(assessment: Assessment) -> tuple[str, ...]:
    """Sentences on points that decide the fit by themselves; that is no fault of the fit.

    Args:
        assessment: The statistics.
    """
    sentences = []
    for point in assessment.influence.most:
        where = f"Point {point.index} at {_place(point.x, assessment)}"
        if point.cook > _DECISIVE:
            size = significant(float(np.sqrt(point.cook)), 2)
            sentences.append(
                f"{where} decides the fit: without it the parameters would move by about {size} "
                f"standard deviations (Cook's distance {significant(point.cook, 2)}, leverage "
                f"{significant(point.leverage, 2)})."
            )
        elif point.leverage > _FOLLOWED:
            sentences.append(
                f"{where} is followed by the curve whatever is measured there (leverage "
                f"{significant(point.leverage, 3)}): it cannot be checked."
            )
    return tuple(sentences)


def expectation(check: Check) -> str:
    """What chance gives, `501 ± 16`."""
    return rounded(check.expected, check.spread).text()


def found(check: Check) -> str:
    """What the data give, to the place to which chance leaves it open."""
    number = rounded(check.statistic, check.spread)
    return significant(check.statistic) if number.exponent else number.value


def _number(x: float, spread: float) -> str:
    """An x, to a hundredth of the range of all."""
    if not 1e-4 < spread < 1e6:
        return significant(x, 4)
    return f"{x:.{max(0, 2 - math.floor(math.log10(spread)))}f}"


def _place(x: tuple[float, ...], assessment: Assessment) -> str:
    spreads = np.ptp(assessment.pulls.x, axis=0)
    shown = ", ".join(_number(a, float(b)) for a, b in zip(x, spreads, strict=True))
    return f"x = {shown}" if len(x) == 1 else f"x = ({shown})"


def _name(along: Along, assessment: Assessment) -> str:
    return "x" if len(assessment.along) == 1 else f"x[:, {along.input}]"


def _structure(along: Along, assessment: Assessment) -> str:
    """Whether the curve misses the points in a pattern along one input."""
    if along.shift.pvalue <= LEVEL and along.shifted:
        return _stretches(along, assessment)
    smallest = min(along.runs.pvalue, along.von_neumann.pvalue, along.lag_correlation.pvalue)
    # Three statistics of nearly the same: together they are as good as two independent ones.
    if smallest > LEVEL / 2:
        return ""
    check = along.lag_correlation
    shown = f"{check.statistic:+.2f}, where {expectation(check)} is expected"
    along_x = f"along {_name(along, assessment)}"
    if check.statistic > check.expected:
        return (
            f"Neighboring residuals {along_x} go together (correlation {shown}): the model misses "
            "something narrow, or the errors are correlated."
        )
    return (
        f"Neighboring residuals {along_x} alternate (correlation {shown}): the points are not "
        "independent, as when each is a difference from the one before."
    )


def _stretches(along: Along, assessment: Assessment) -> str:
    name, x = _name(along, assessment), assessment.pulls.x[:, along.input]
    spread, output = float(np.ptp(x)), along.shifted[0].output
    parts = _joined([part for part in along.shifted if part.output == output])
    of_output = f" of output {output}" if assessment.pulls.values.shape[1] > 1 else ""
    told = [
        f"{significant(abs(part.size), 2)} σ {'above' if part.size > 0 else 'below'} "
        f"{_where(part, spread)}"
        for part in _clearest(parts)
    ]
    told += [f"and elsewhere ({len(parts)} stretches)"] if len(parts) > _NAMED else []
    chance = f"p = {_at_most(along.shift, assessment)}, all places and lengths looked at"
    details = f"On average the points lie off the curve by {', '.join(told)} ({chance})."
    if not any(a.size * b.size < 0 for a, b in itertools.pairwise(parts)):
        side = "above" if parts[0].size > 0 else "below"
        over = "a stretch" if len(parts) == 1 else f"{len(parts)} stretches"
        return f"The points{of_output} lie {side} the curve over {over} of {name}. {details}"
    inside = np.mean((x >= parts[0].low) & (x <= parts[-1].high))
    where = (
        f"between {name} = {_number(parts[0].low, spread)} and {_number(parts[-1].high, spread)}"
    )
    where = f"over the whole range of {name}" if inside > _NEARLY_ALL else where
    return f"The residuals{of_output} wave: the model is too stiff {where}. {details}"


def _joined(parts: list[Part]) -> list[Part]:
    """Stretches with those that nearly touch on one side of the curve made one."""
    joined: list[Part] = []
    for part in parts:
        last = joined[-1] if joined else part
        gap, length = part.low - last.high, part.high - last.low
        if joined and last.size * part.size > 0 and gap <= _GAP * length:
            joined.pop()
            n = last.n_points + part.n_points
            size = (last.size * last.n_points + part.size * part.n_points) / n
            part = Part(last.low, part.high, size, n, part.output)
        joined.append(part)
    return joined


def _clearest(parts: list[Part]) -> list[Part]:
    """The stretches to be named, in order along x."""
    clear = sorted(parts, key=lambda part: -abs(part.size) * math.sqrt(part.n_points))[:_NAMED]
    return [part for part in parts if part in clear]


def _where(part: Part, spread: float) -> str:
    low, high = _number(part.low, spread), _number(part.high, spread)
    return f"at {low}" if low == high else f"between {low} and {high}"


def _at_most(check: Check, assessment: Assessment) -> str:
    least = 1 / (assessment.n_toys + 1)
    return (
        f"{probability(check.pvalue)} or less"
        if check.pvalue <= 2 * least
        else probability(check.pvalue)
    )


def _outliers(assessment: Assessment) -> str:
    outliers, pulls = assessment.outliers, assessment.pulls
    if not outliers:
        return ""
    place = np.argsort(pulls.index)
    named = []
    for index, output in outliers[:_NAMED]:
        row = int(place[index])
        of_output = f", output {output}" if pulls.values.shape[1] > 1 else ""
        where = _place(tuple(float(value) for value in pulls.x[row]), assessment)
        named.append(f"{index} ({where}{of_output}: {float(pulls.values[row, output]):+.1f} σ)")
    more = f" and {len(outliers) - _NAMED} more" if len(outliers) > _NAMED else ""
    verb = "stands" if len(outliers) == 1 else "stand"
    expected = expectation(assessment.largest)
    return (
        f"{count_of(len(outliers), 'point')} {verb} off the curve further than chance allows: "
        f"{', '.join(named)}{more}. The largest of all pulls should be {expected}."
    )


def _widths(assessment: Assessment, has_structure: bool) -> list[str]:
    """Whether the errors have the right size, overall and everywhere."""
    sentences, check = [], assessment.width
    is_explained = has_structure or bool(assessment.outliers)
    if check.pvalue <= LEVEL and (check.statistic < check.expected or not is_explained):
        shown = f"the pulls have width {found(check)}"
        shown += f" where {expectation(check)} is expected"
        if check.statistic < check.expected:
            sentences.append(f"The errors look overestimated: {shown}; or the model follows noise.")
        else:
            sentences.append(
                f"The errors look underestimated: {shown}; or the model misses something that "
                "changes from point to point."
            )
    for along in assessment.along:
        if has_structure or along.width.pvalue > LEVEL or not along.widened:
            continue
        name, spread = _name(along, assessment), float(np.ptp(assessment.pulls.x[:, along.input]))
        told = ", ".join(
            f"{significant(part.size, 2)} {_where(part, spread)}"
            for part in _clearest(list(along.widened))
        )
        overall = significant(float(np.sqrt(np.mean(assessment.pulls.values**2))), 2)
        sentences.append(
            f"The errors are not right everywhere: along {name} the pulls have width {told}, and "
            f"{overall} overall (p = {_at_most(along.width, assessment)})."
        )
    return sentences


def _shape(assessment: Assessment) -> str:
    """Whether the pulls are normally distributed, where nothing else is wrong with them."""
    check = assessment.anderson_darling
    # Two statistics of nearly the same question.
    if min(check.pvalue, assessment.kolmogorov_smirnov.pvalue) > LEVEL / 2:
        return ""
    t = assessment.pulls.values.ravel()
    t = (t - t.mean()) / t.std()
    skewness, excess = float(np.mean(t**3)), float(np.mean(t**4) - 3)
    # Their standard deviations for normal pulls are √(6/n) and √(24/n).
    if abs(skewness) > abs(excess) / 2:
        look = f"lean to {'large positive' if skewness > 0 else 'large negative'} values"
    else:
        look = "have long tails" if excess > 0 else "have short tails"
    return (
        f"The pulls are not normally distributed; they {look} (Anderson-Darling "
        f"{significant(check.statistic)}, p = {_at_most(check, assessment)})."
    )
