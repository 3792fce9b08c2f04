"""The report's last chapters: wrong starts, the cost of many parameters, all attempts at once."""

from surefit.lesson.attempt import OURS, THEIRS
from surefit.lesson.costs import OUR_BUDGET, Cost
from surefit.lesson.phrases import HEADER, number, row, unbroken
from surefit.lesson.run import Lesson
from surefit.report.page import PageTable, Picture, Section
from surefit.report.style import Drawing
from surefit.report.wording import duration


def closing(lesson: Lesson, figures: dict[str, Drawing]) -> list[Section]:
    """The experiments and the summary."""
    return [_wrong_starts(lesson, figures), _costs(lesson, figures), _summary(lesson, figures)]


def _wrong_starts(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    sentences = []
    for success in lesson.successes:
        good = [d for d, r in zip(success.distances, success.rates, strict=True) if r >= 0.9]
        reach = f"up to {max(good):g} times the true value off" if good else "at no distance tried"
        sentences.append(
            f"- **{success.title}**: MIGRAD succeeds in nine cases of ten or more with starts "
            f"{reach}. surefit, from no start, succeeded on {success.n_successes} of "
            f"{success.n_samples} fresh samples, in {duration(success.our_seconds)} each (median); "
            f"one MIGRAD takes {duration(success.migrad_seconds)}."
        )
    listed = "\n".join(sentences)
    text = rf"""
"Try starting any of the parameters at the wrong value", the course suggests. We did, a few hundred
times. Every parameter is started at its true value times $1 \pm d$, with the sign drawn by lot, for
distances d from 0.003 to 10; at d = 1 a start is either 0 or twice the truth. A fit is a success if
its $\chi^2$ is no larger than that of the true parameters, which every best fit must reach.

{listed}

The lower part of the figure starts one parameter at a time at a wrong value, all others at the
truth. Some parameters forgive almost anything; those that sit inside a sine or move an edge
forgive almost nothing. Which ones these are you only know afterwards.
"""
    caption = (
        "Above: how often MIGRAD succeeds when all parameters start wrong by a factor (bars: one "
        "standard deviation of the rate), and how often surefit does without a start. Below: one "
        "parameter at a time."
    )
    return Section(
        "How far may a start be off?", text, (), (Picture(figures["wrong-starts"], caption),)
    )


def _costs(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    largest = lesson.costs[-1]
    capped = [cost for cost in lesson.costs if cost.is_capped]
    per_call = largest.migrad_seconds / max(largest.migrad_calls, 1)
    effort = f"{100 * OUR_BUDGET.starts:g}"
    own_limit = 200 + 100 * largest.n_parameters + 5 * largest.n_parameters**2
    text = rf"""
If a network is just a fit, why not give it to MINUIT? Because of the number of parameters. MIGRAD
gets its slopes by trying: it calls the function at least twice per parameter for each step, and it
keeps a table of all pairs of parameters, so the calls it allows itself grow with the square of
their number.

We fitted networks of growing size to data that a network of the same size had made, with several
inputs and outputs and the activation ReLU, $\max(0, z)$, after every layer. The largest is the
course's example, 8 inputs, hidden layers of 7 and 9, and 6 outputs: 195 parameters, still a toy by
the standards of machine learning.

{_cap_sentence(capped, lesson, largest, own_limit * per_call)}

Ours computes exact slopes of all parameters at about the price of a few calls (the trick is called
*backpropagation*, and the chain rule is all there is to it). It tries several starts and replaces
units that do not help, where MIGRAD goes downhill once. Here it was given {effort} % of its usual
effort, and its time includes compiling the function, which for small networks is most of it. For
networks of this size nobody, we included, promises the lowest of all minima; the right panel shows
how near each came to the $\chi^2$ of the network that made the data.
"""
    rows = tuple(
        (
            unbroken(" → ".join(map(str, cost.layers))),
            str(cost.n_parameters),
            f"{cost.migrad_calls:,}" + (" (stopped)" if cost.is_capped else ""),
            unbroken(duration(cost.migrad_seconds)),
            number(cost.migrad_chi2),
            unbroken(duration(cost.our_seconds)),
            number(cost.our_chi2),
            number(cost.true_chi2),
        )
        for cost in lesson.costs
    )
    table = PageTable(
        ("network", ">parameters", ">MIGRAD calls", ">time", ">χ²", ">surefit's time", ">χ²",
         ">χ² of the truth"),
        rows,
        "One MIGRAD from one random start each; surefit from no start.",
    )  # fmt: skip
    caption = (
        "Calls, time and quality against the number of parameters. Triangles: MIGRAD was stopped "
        "by us. The dotted line is the limit of calls that MINUIT sets itself for one run."
    )
    return Section("What parameters cost", text, (table,), (Picture(figures["costs"], caption),))


def _cap_sentence(capped: list[Cost], lesson: Lesson, largest: Cost, estimate: float) -> str:
    if not capped:
        return "MIGRAD was left alone; none of its fits reached our limit of calls."
    names = ", ".join(str(cost.n_parameters) for cost in capped)
    return (
        f"So that this page is made in reasonable time, we **stopped MIGRAD after "
        f"{lesson.counts.most_calls:,} calls**; that happened for {names} parameters. Left alone "
        f"on {largest.n_parameters} it may use its own limit, some "
        f"{200 + 100 * largest.n_parameters + 5 * largest.n_parameters**2:,} calls or "
        f"{duration(estimate)} at the speed seen here, before it gives up."
    )


def _summary(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    made = lesson.attempts.values()
    text = rf"""
Here is every attempt, in order. The lesson in five sentences:

- A curve that is linear in its parameters has one minimum, and linear algebra finds it.
- A fixed basis is linear but stiff: it wiggles where nothing happens and fails outside the data.
- A basis that adapts bends where it is needed, at the price of a bumpy $\chi^2$ with many valleys.
- A hidden layer *is* such a basis; a neural network is a fit.
- A good minimum, a good model and good behavior outside the data are three different things.

All attempts of surefit together took {duration(lesson.our_seconds)}, one call each and no starting
value anywhere; the whole lesson took {duration(lesson.seconds)}. Times depend on the machine and on
what else it does; all other numbers on this page come back with `--seed {lesson.seed}`.
"""
    ours = tuple(row(attempt) for attempt in made if attempt.by == OURS)
    theirs = tuple(row(attempt) for attempt in made if attempt.by == THEIRS)
    tables = (
        PageTable(HEADER, ours, "surefit: one call each, no starting values."),
        PageTable(HEADER, theirs, "As in the lesson, with iminuit, scikit-learn and NumPy."),
    )
    caption = (
        "All attempts at the lesson's sample. The dashed line is the χ² of the truth; to the left "
        "of it a curve begins to follow the noise."
    )
    return Section("All attempts", text, tables, (Picture(figures["ladder"], caption),))
