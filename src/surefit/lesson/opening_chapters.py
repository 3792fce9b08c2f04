"""The report's first chapters: the sample, the line, the theory, the tossed object."""

import numpy as np

from surefit.lesson.phrases import against, number, quality, says
from surefit.lesson.run import Lesson
from surefit.lesson.sample import TRUE_VALUES
from surefit.lesson.wrong_starts import is_success
from surefit.report.page import PageTable, Picture, Section
from surefit.report.rounding import rounded
from surefit.report.style import Drawing
from surefit.report.wording import duration


def opening(lesson: Lesson, figures: dict[str, Drawing]) -> list[Section]:
    """The sample and what theory can do with it."""
    return [
        _introduction(lesson, figures),
        _numbers(lesson),
        _line(lesson, figures),
        _theory(lesson, figures),
        _starts(lesson, figures),
        _toss(lesson, figures),
    ]


def _introduction(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    sample = lesson.sample
    text = rf"""
Here is the question of this lesson: how do you draw a curve through points when you do not know
its formula? We start with a straight line, and end, in steps that are each small, at a neural
network. Nothing is skipped, and every number and picture below was made by the program that wrote
this page, on one run with seed {lesson.seed}; run it with another seed and the numbers change a
little.

The points were made by a formula that you are asked to forget. It has two faces: a wave near the
middle and a parabola elsewhere, so that it has a kink on one side and a jump on the other:

- $y = \sin(22\,x)$ where $|x - 0.43| < 0.15$,
- $y = -1 + 3.5\,x - 2\,x^2$ everywhere else.

We drew {len(sample.x):,} values of x at random between 0 and 1, computed y, and added noise to each
with a standard deviation of {sample.yerr}. In every figure the points are gray and the formula
behind them is the dashed line.
"""
    caption = "The sample: the points that are fitted, and the truth that made them."
    return Section("A curve without a formula", text, (), (Picture(figures["sample"], caption),))


def _numbers(lesson: Lesson) -> Section:
    sample = lesson.sample
    spread = np.sqrt(2 * len(sample.x))
    text = rf"""
To compare curves we need one number that says how well a curve f meets the points. Take each
point's distance from the curve, in units of its own standard deviation, and call it the *pull*;
square the pulls and add them up:

$$\chi^2 = \sum_i \left(\dfrac{{y_i - f(x_i)}}{{\sigma}}\right)^2$$

If the curve is the truth, each pull is a random number of size 1, so $\chi^2$ comes out near the
number of points. For the true formula and these points it is {number(sample.true_chi2)}; a fresh
sample would give {len(sample.x):,} ± {spread:.0f}. A much larger value means that the curve misses
structure that is really there.

A fit moves the parameters of the curve until $\chi^2$ is as small as it gets. Each free parameter
can swallow about one unit of it, and so a good fit has $\chi^2$ near the number of *degrees of
freedom*, ndof: points less parameters. The *p-value* is the probability that chance alone would
make $\chi^2$ so large; below a tenth of a percent, do not blame chance.

Below each figure a narrow strip shows the pulls. In a good fit they scatter evenly about zero, two
thirds of them in the darker band between −1 and 1. A pattern in them is what the curve has missed.
"""
    return Section("What the numbers mean", text)


def _line(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    attempt = lesson.attempts["line"]
    text = rf"""
The simplest curve is a line, $y = a + b\,x$. Because it is *linear in its parameters*, $\chi^2$ is
a parabola in a and b with exactly one lowest point, and linear algebra gives that point in one
step ({duration(attempt.seconds)}). Nothing can go wrong, except that a line is the wrong idea:
{quality(attempt)}. The strip of pulls shows the whole wave that the line knows nothing about.

Remember this as the first lesson: the *minimum* can be perfect while the *model* is not. They are
different questions, and each needs its own answer.
"""
    caption = "A straight line. Below: its pulls, all structure and hardly any noise."
    return Section("First attempt: a line", text, (), (Picture(figures["line"], caption),))


def _theory(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    attempt, sample = lesson.attempts["ansatz"], lesson.sample
    assert attempt.fit is not None
    rows = tuple(
        (
            f"`{name}`",
            _with_error(value, attempt.fit.errors[name]),
            f"{TRUE_VALUES[name]:g}".replace("-", "−"),
        )
        for name, value in attempt.values.items()
    )
    verdict = (
        "Six numbers describe all the points, as they must when the form is right."
        if is_success(attempt.chi2, sample)
        else "That is **not** the best fit, since the truth itself has a smaller $\\chi^2$: the "
        "search missed it this time."
    )
    text = rf"""
Suppose a theory tells you the *form* of the curve, but not its six constants. Such a form is
called an *ansatz*. You write it as you would write any function:

```
def ansatz(x, A, B, C, D, E, F):
    return np.where(abs(x - A) < B, np.sin(C * x), D + E * x + F * x**2)

fit = surefit.fit(x, y, ansatz, yerr=0.03)
```

Look at what is *not* there: no starting values and no limits for A to F. **No starting values**
means that the program looks for the minimum by itself. It reads from the data over which ranges
and widths anything can happen at all; it sees that D, E and F enter linearly, so that they can be
solved for at once instead of being searched; and it finds that A and B only move *steps*: $\chi^2$
does not change at all while an edge moves between two neighboring points, so a slope says nothing
about them, and they have to be tried from point to point.

The result has {quality(attempt)}, {against(attempt.chi2, sample.true_chi2)} that of the truth, in
{duration(attempt.seconds)}; the program itself calls it {says(attempt)}. {verdict} The rest of the
lesson is about what to do when you don't know the form.
"""
    table = PageTable(
        ("parameter", "fitted", ">true value"),
        rows,
        "The ansatz, fitted without a start. Where no error stands, the slope of χ² cannot give "
        "one: a step can be anywhere between two neighboring points.",
    )
    caption = "The theory-driven ansatz, fitted without starting values."
    return Section("With a theory", text, (table,), (Picture(figures["ansatz"], caption),))


def _starts(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    made, sample = lesson.attempts, lesson.sample
    truth, near, wrong = (made[f"ansatz-migrad-{key}"] for key in ("truth", "near", "wrong"))
    text = rf"""
For half a century physicists have done such fits with MINUIT and its algorithm MIGRAD. It is a
*downhill* method: from a starting point that you supply it follows the slope until the ground is
flat. We gave it the same ansatz, and starts that no one has in real life, since they are made from
the true values:

- from the truth itself it ends at $\chi^2$ = {number(truth.chi2)} and calls it {says(truth)};
- from values that are all 1 % too large, at {number(near.chi2)} ({says(near)});
- from values that are all 10 % too large, at {number(wrong.chi2)} ({says(wrong)}).

Compare with the {number(sample.true_chi2)} of the truth and the {number(made["ansatz"].chi2)} that
were found without any start. MIGRAD is not a bad program; it does what it promises, which is to go
downhill from where you put it. With edges that have no slope there is nothing to go down on,
and whether it gets there is luck. How far a start may be off is measured in a chapter of its own
below.
"""
    caption = "MIGRAD on the same ansatz, from the truth and from starts 1 % and 10 % off."
    return Section(
        "What a start has to know", text, (), (Picture(figures["ansatz-migrad"], caption),)
    )


def _toss(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    made = lesson.attempts
    ours, parabola = made["toss"], made["toss-parabola"]
    good, bad = made["toss-migrad-good"], made["toss-migrad-bad"]
    moral = (
        "This time it got there all the same; with other points it does not."
        if is_success(bad.chi2, lesson.toss)
        else "The same program, data and theory; only the first guess was different."
    )
    text = rf"""
A second, gentler example: the height of an object that is tossed up and slowed down by air, at 50
times. The theory is smooth and has four parameters:

$$y(t) = y_0 - \dfrac{{1}}{{\mu}}\,\log\,\cosh\,\dfrac{{t - t_0}}{{t_f}}$$

Without a start the fit ends at {quality(ours)}. From the course's good start
($y_0 = 100, t_0 = 0, \mu = 1, t_f = 5$) MIGRAD ends at {number(good.chi2)}, which is
{against(good.chi2, ours.chi2)} ours. From its bad start ($0, 0, 10, 10$) it ends at
{number(bad.chi2)} and calls the result {says(bad)}. {moral}

And a warning that no minimizer can give you: the school formula without air,
$y_0 - g\,(t - t_0)^2 / 2$, is fitted just as firmly, and is wrong: {quality(parabola)}. Its pulls
bend.
"""
    caption = "The tossed object: right theory, wrong theory, and MIGRAD from two starts."
    return Section("The tossed object", text, (), (Picture(figures["toss"], caption),))


def _with_error(value: float, error: float) -> str:
    return (rounded(value, error) if np.isfinite(error) else rounded(value)).unicode()
