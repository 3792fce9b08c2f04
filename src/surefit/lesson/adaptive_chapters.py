"""The report's chapters on adaptive functions: sigmoids, why they are hard, the hidden layer."""

import math

from surefit.lesson.attempts import Conversion
from surefit.lesson.phrases import against, number, quality, says, small, times
from surefit.lesson.run import Lesson
from surefit.report.page import PageTable, Picture, Section
from surefit.report.style import Drawing
from surefit.report.wording import duration, probability


def adaptive(lesson: Lesson, figures: dict[str, Drawing]) -> list[Section]:
    """From sigmoids to a network."""
    return [
        _blocks(figures),
        _sigmoids(lesson, figures),
        _bumpy(lesson, figures),
        _permutations(lesson, figures),
        _network(lesson, figures),
        _trained(lesson, figures),
        _outside(figures),
    ]


def _blocks(figures: dict[str, Drawing]) -> Section:
    text = r"""
Fixed bases have one weakness in common: their functions are what they are and where they are,
whatever the data look like. What if the functions themselves could move? Take the *sigmoid*, a
smooth step,

$$s(x) = \dfrac{1}{1 + e^{(x - \alpha)/\beta}}$$

with a center $\alpha$ and a width $\beta$ of its own. A wide one is a gentle slope, a narrow one a
cliff, and one with a negative width rises instead of falling.

Add a few and you can build almost anything. Two steps, one up and one down, are a plateau; two more
put a peak on it. A curve of that kind needs no terms where nothing happens, and it can have a cliff
in one place and be flat next to it.
"""
    pictures = (
        Picture(figures["blocks"], "Three sigmoids: wide, narrower, and narrow with a minus sign."),
        Picture(
            figures["plateau-and-peak"],
            "Four narrow sigmoids with coefficients of −1, and their sum: a wide plateau and a "
            "narrow peak on top of it.",
        ),
    )
    return Section("Building blocks that move", text, (), pictures)


def _sigmoids(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    made = lesson.attempts
    ours, theirs, taylor = made["sigmoids"], made["sigmoids-migrad"], made["taylor-15"]
    to_taylor, to_migrad = against(ours.chi2, taylor.chi2), against(ours.chi2, theirs.chi2)
    text = rf"""
Five sigmoids have 15 parameters: five coefficients, five centers, five widths, as many numbers as
the Taylor and Fourier series had. This is an *adaptive basis*: the coefficients say how much of
each function to take, centers and widths what the functions are.

$$f(x) = \sum_{{j=1}}^{{5}} \dfrac{{c_j}}{{1 + e^{{(x - \alpha_j)/\beta_j}}}}$$

From no start, `surefit.fit(x, y, Sigmoids(5), yerr=0.03)` ends at {quality(ours)} in
{duration(ours.seconds)}; it calls its own result {says(ours)}. That is {to_taylor} that
of 15 Taylor terms. Its p-value is {probability(ours.pvalue)}: five sigmoids are not the truth, and
they cannot be, as nothing in them is a sine wave.

The course does it with MIGRAD, from {len(theirs.ends)} random starts of which it keeps the best:
{number(theirs.chi2)} in {duration(theirs.seconds)}. Ours ends at a $\chi^2$ {to_migrad}
that of the best of {len(theirs.ends)}, {times(ours.seconds, theirs.seconds)} the loop.
"""
    if len(theirs.ends) and theirs.is_valid is False:
        text += "\nMIGRAD itself does not call its best result valid.\n"
    pictures = (
        Picture(figures["sigmoids"], "Five adaptive sigmoids, without starting values."),
        Picture(
            figures["sigmoids-migrad"],
            f"The same model as the lesson fits it: MIGRAD, best of {len(theirs.ends)} starts.",
        ),
    )
    return Section("Five sigmoids", text, (), pictures)


def _bumpy(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    made = lesson.attempts
    migrad, ours = made["sigmoids-migrad"], made["sigmoids"]
    finite = [value for value in migrad.ends if math.isfinite(value)]
    near = sum(value <= 1.01 * ours.chi2 for value in finite)
    text = rf"""
Why does anyone need fifteen tries? For a fixed basis $\chi^2$ is a bowl with one lowest point. Now
centers and widths sit *inside* the exponential, and the bowl becomes a mountain range.

Imagine one sigmoid whose cliff stands too far to the left. Moving it a little to the right helps
only if it comes nearer to the place where the data need a cliff; in between it would make a good
spot worse. So it stays. A second sigmoid may already have taken the right place, or two of them
stand side by side with huge opposite coefficients, doing the work of one. Each such arrangement is
a *local minimum*, a valley from which every way leads up. A downhill method ends in the valley in
which it was put, and calls it the minimum, as far as it can know.

The figure shows where every single try ended. Of {len(migrad.ends)} MIGRAD starts {near} came
within 1 % of our $\chi^2$; the best ended at {number(min(finite, default=math.inf))} and the worst
at {number(max(finite, default=math.inf))}. "Best of fifteen" is a lottery ticket, and the trouble
with a lottery is that you don't know whether you have won.

We do not draw starts by lot. The curve is *grown*: one sigmoid is added at a time where it helps
most, all are refitted together, and then sigmoids are taken out and put elsewhere until nothing
improves. Independent repetitions that agree are the evidence that the lowest valley was found, and
where they do not agree the result is marked as not confirmed.
"""
    caption = (
        "Where each try ended, for MIGRAD and for scikit-learn's network with two of its "
        "minimizers; the vertical lines are ours, from no start. Mind the logarithmic scale."
    )
    return Section("Why it is hard: valleys", text, (), (Picture(figures["ends"], caption),))


def _permutations(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    found = lesson.permutations
    n = found.n_units
    refits = ", ".join(number(value) for value in found.refitted_chi2)
    text = rf"""
Some valleys are not different at all. Give sigmoid number one the parameters of number two and
vice versa: the list of numbers has changed, the curve has not, because a sum does not care about
order. So each minimum exists $n!$ times: for {n} sigmoids, {found.n_copies} times.

We tried it. All {found.n_copies} orders of the best fit were computed; their $\chi^2$ differ by
{small(found.largest_difference)}. Then we walked in a straight line from the minimum to some of its
copies: $\chi^2$ rises to at least {number(float(found.paths.max(axis=1).min()))} on the way. Equal
valleys, and mountains between them.

This has a consequence that often confuses people: two trainings of the same network can agree
perfectly and yet have quite different parameters, so parameters of networks must not be compared or
averaged one by one. surefit always reports the same one of the equal copies, the *canonical form*,
with units sorted by their centers. All {found.n_copies} copies have canonical forms that differ by
{small(found.largest_canonical_difference)}, and refitting from {len(found.refitted_chi2)} exchanged
copies as starts gave $\chi^2$ = {refits} with parameters that differ by
{small(found.refitted_difference)} of their size at most.

(A hidden layer with a constant, which comes next, has more: the sign of each unit can be turned
around too, and so $n! \cdot 2^n$ = {found.n_copies * 2**n:,} equal minima.)
"""
    caption = (
        "χ² along straight lines from the minimum to copies of it with units exchanged. Both ends "
        "are the same curve."
    )
    return Section(
        "One curve, many sets of parameters", text, (), (Picture(figures["permutations"], caption),)
    )


def _network(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    attempt, form = lesson.attempts["network"], lesson.conversion
    text = rf"""
Now rewrite a sigmoid without changing it. Put $w = -1/\beta$ and $b = \alpha/\beta$:

$$\dfrac{{c}}{{1 + e^{{(x - \alpha)/\beta}}}} = c \cdot \sigma(w\,x + b), \quad
\sigma(z) = \dfrac{{1}}{{1 + e^{{-z}}}}$$

Read the right side from the inside. Take the input, multiply it by a *weight* and add a *bias*: a
line. Bend the line with a fixed function, the *activation*. Do that five times, with five weights
and biases. Then multiply each by an output weight, and add up. That is a **neural network with one
hidden layer**. "Hidden" only means that its five values are neither given nor wanted: they are the
basis functions, and training the network is what we did all along, fitting an adaptive basis.

A network has one more parameter, a constant that is added at the output.
`surefit.fit(x, y, Dense(5), yerr=0.03)` gives {quality(attempt)} in {duration(attempt.seconds)}
and calls it {says(attempt)}. The table shows the same fit in both languages; over all points the
two forms differ by at most {small(form.largest_difference)}.
"""
    pictures = (
        Picture(
            figures["network-diagram"],
            "The fitted network. Numbers on arrows are weights (orange positive, blue negative), "
            "numbers in circles biases.",
        ),
        Picture(
            figures["network"],
            "The network's curve and, thin, the hidden units times their output weights; with the "
            "constant they add up to the curve.",
        ),
    )
    return Section("What a hidden layer is", text, (_both_forms(form),), pictures)


def _both_forms(form: Conversion) -> PageTable:
    """The network's parameters beside those of the same sum of sigmoids."""
    rows = tuple(
        (str(j + 1), *(f"{value:.4g}".replace("-", "−") for value in numbers))
        for j, numbers in enumerate(
            zip(
                form.slopes,
                form.intercepts,
                form.output_weights,
                form.centers,
                form.widths,
                form.coefficients,
                strict=True,
            )
        )
    )
    header = (">unit", ">weight", ">bias", ">output weight", ">center", ">width", ">coefficient")
    constant = f"{form.output_bias:.4g}".replace("-", "−")
    return PageTable(
        header, rows, f"One fit, two languages: network left, sigmoids right. Constant: {constant}."
    )


def _trained(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    made = lesson.attempts
    ours, adam, lbfgs = made["network"], made["network-adam"], made["network-lbfgs"]
    text = rf"""
The usual tool for a network is a machine-learning library. scikit-learn's `MLPRegressor` with one
hidden layer of five, the best of {len(adam.ends)} trainings as for MIGRAD, ends at
{number(adam.chi2)} in {duration(adam.seconds)} with its standard minimizer, Adam, which the course
uses. Adam is made for large networks and mountains of data, where a rough minimum is good enough;
on 16 parameters it stops long before the end. To be fair we also gave scikit-learn the method that
suits so small a problem better, L-BFGS: {number(lbfgs.chi2)} in {duration(lbfgs.seconds)}.
Ours ends at a $\chi^2$ {against(ours.chi2, lbfgs.chi2)} that,
{times(ours.seconds, lbfgs.seconds)} these {len(lbfgs.ends)} trainings.

It is the same model in all cases. What differs is how far down the search gets, and whether it can
tell you.
"""
    caption = "scikit-learn's network of the same size, best of several trainings."
    return Section(
        "The same network, trained", text, (), (Picture(figures["network-scikit-learn"], caption),)
    )


def _outside(figures: dict[str, Drawing]) -> Section:
    text = r"""
What does the curve say where there are no data? Polynomials run away, Fourier series repeat, and
sums of sigmoids *level off*, because each of them does. That is not knowledge, since nothing in the
data says what happens at x = 1.5, but it is a calmer kind of ignorance, and often the more sensible
guess. The formula that made the points goes its own way: nobody could have known.

Inside, subtract the truth from each curve to see what the scatter of the points hides. The fixed
bases wiggle everywhere; the adaptive ones put their effort where something happens and are quiet
elsewhere.
"""
    pictures = (
        Picture(figures["outside"], "From 0 to 2; the data end at 1."),
        Picture(
            figures["wiggles"],
            "Curve less truth. The gray strip is one standard deviation of a single point.",
        ),
    )
    return Section("Leveling off", text, (), pictures)
