"""Climb from a constant to a network, and say which is the smallest model that is enough."""

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from surefit.bases.fourier import Fourier
from surefit.data.checked import Data, check_data
from surefit.exceptions import InvalidOption, NotAvailable, TooFewPoints
from surefit.fitting import fit
from surefit.minimizers.base import Budget, Report, silent
from surefit.models.function import as_model
from surefit.precision import double_precision
from surefit.report.ladder import LadderRow, ladder_html, ladder_text, telling
from surefit.report.plots import overlay_figure
from surefit.result import Fit
from surefit.selection.adequacy import examiner
from surefit.selection.climbs import searched
from surefit.selection.criteria import profiled_deviance
from surefit.selection.directions import directions, gathered
from surefit.selection.explanation import missing_in_words, verdict_on
from surefit.selection.ladder import Climbed, Ladder
from surefit.selection.pieces import pieces
from surefit.selection.sweeps import sweeps

# Points below which nothing can be told.
FEWEST = 8


@dataclasses.dataclass(frozen=True, eq=False)
class Explanation:
    """The ladder of models on one data set, and the smallest that explains it.

    Attributes:
        best: The fit of the smallest adequate model; of the one that predicts best if none is.
        fits: The fits of the telling rungs, in the order of the ladder; `best` is among them.
        labels: What to call each.
        rows: Every rung that was reached, in the order of the ladder.
        verdict: What the data say, in a few sentences.
        is_explained: Whether an adequate model was found.
        failures: The models that could not be fitted, and why.
    """

    best: Fit
    fits: tuple[Fit, ...]
    labels: tuple[str, ...]
    rows: tuple[LadderRow, ...]
    verdict: str
    is_explained: bool
    failures: tuple[tuple[str, str], ...] = ()

    def plot(self, **options: Any):
        """Draw the ladder: how much each rung leaves, against its effective size.

        Args:
            **options: Of `surefit.report.ladder_figure.ladder_figure`: `title`.

        Returns:
            A matplotlib figure.
        """
        from surefit.report.ladder_figure import ladder_figure  # slow to import

        return ladder_figure(self.rows, self.best.data.n_points, **options)

    def plot_fits(self, **options: Any):
        """Draw the curves of the telling rungs over the data, with the pulls of each.

        Args:
            **options: Of `surefit.report.plots.overlay_figure`: `x_label`, `log_x`, …

        Returns:
            A matplotlib figure.

        Raises:
            NotAvailable: There are several inputs.
        """
        pairs = zip(self.fits, self.labels, strict=True)
        curves = [dataclasses.replace(one.curve(), label=label) for one, label in pairs]
        return overlay_figure(curves, **options)

    @property
    def notes(self) -> tuple[str, ...]:
        """Further remarks, in sentences."""
        notes = [f"{label} could not be fitted: {reason}" for label, reason in self.failures]
        if not self.best.valid:
            # Adequate all the same: a lower minimum would only be more so.
            notes.append(
                f"The fit of {self.best.model} is enough as it stands, but its minimum is not "
                f"confirmed. {self.best.status.advice}"
                if self.is_explained
                else f"The fit of {self.best.model} cannot be trusted: {self.best.status.advice}"
            )
        return tuple(notes)

    def __str__(self) -> str:
        return ladder_text(self.rows, self.verdict, self.notes)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return ladder_html(self.rows, self.verdict, self.notes)


@double_precision
def explain(
    x: Any,
    y: Any,
    yerr: Any = None,
    *,
    models: Iterable[Any] = (),
    period: float | None = None,
    budget: Budget | None = None,
    key: int = 0,
    progress: Report | None = None,
) -> Explanation:
    """Find the smallest model that explains the data, from a constant to a neural network.

    The ladder: constant, line, polynomials (the curves of all other polynomial bases of the same
    degree), Fourier series, constant and straight pieces, your own models, sums of 1, 2, …
    sigmoids, networks with one and two hidden layers. Rungs are judged in the order of their
    effective degrees of freedom. One is adequate if neither χ² nor any larger model is
    significantly better: polynomials, waves, steps, kinks, sigmoids, bumps are tried beside it in
    one test calibrated by toys. The first adequate rung is the answer. If the model behind the
    data is on the ladder, a larger one is chosen with a probability of 5 % at most, as each test
    is one of level 5 %; see `Ladder.climb`.

    Args:
        x: Inputs, as for `fit`.
        y: Outputs, shape (n,).
        yerr: One standard deviation of y, or a covariance, as for `fit`. If None, one size for all
            is estimated; then χ² says nothing, and only larger models can speak against one.
        models: Your own models or functions, each a rung.
        period: Of the Fourier series, in the unit of x, where you know it; the range of x if None.
        budget: Limits on the work of the full searches at the end.
        key: Seed; the same key gives the same answer.
        progress: Called with the rung that is being fitted.

    Returns:
        The explanation: `.best` is a fit as `fit` makes it.

    Raises:
        SurefitError: The data cannot be used; the message says why and what to do.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0.0, 1.0, 50)
        >>> noise = np.random.default_rng(1).normal(scale=0.1, size=50)
        >>> print(sf.explain(x, 1.0 + 2.0 * x + noise, yerr=0.1).best.model)
        Line()
    """
    data = _checked(x, y, yerr)
    report = progress or silent
    described = _described(models)

    def fitter(model: Any, start: Any = None, budget: Budget | None = budget) -> Fit:
        return fit(x, y, model, yerr, start=start, budget=budget, key=key)

    seeds = np.random.default_rng(key).spawn(3)
    cells = gathered(data)
    judge = examiner(
        cells, directions(cells, seeds[0]), data.n_points, data.noise.is_given, seeds[1]
    )
    families = [sweep.rungs() for sweep in sweeps(data, cells, _checked_period(period))]
    families += pieces(data, cells)
    families += searched(data, cells, described, fitter, seeds[2])
    ladder = Ladder(families, judge, fitter, report, data.n_points)
    ladder.climb()
    return _explanation(ladder, data, fitter)


def _checked(x: Any, y: Any, yerr: Any) -> Data:
    data = check_data(x, y, yerr)
    if data.n_outputs > 1:
        raise NotAvailable(
            f"explain takes one output but y has {data.n_outputs} columns; explain each by itself."
        )
    if data.n_points < FEWEST:
        raise TooFewPoints(
            f"There are {data.n_points} points; explain needs {FEWEST} to tell a model from noise."
        )
    return data


def _checked_period(period: float | None) -> float | None:
    return Fourier(1, period).period


def _described(models: Iterable[Any]) -> list[Any]:
    if isinstance(models, str) or not isinstance(models, Iterable):
        raise InvalidOption(
            "models takes a list of models or functions, as in models=[my_function]."
        )
    return [as_model(model) for model in models]


def _explanation(ladder: Ladder, data: Data, fitter: Any) -> Explanation:
    reached, chosen = ladder.reached, ladder.chosen()
    if not reached:
        label, reason = ladder.failures[0]
        raise TooFewPoints(f"No rung of the ladder could be fitted; {label}: {reason}")
    scores = {id(one): _score(one, data) for one in reached}
    best = chosen or min(reached, key=lambda one: scores[id(one)])
    rows = [_row(one, data, scores[id(one)], is_best=one is chosen) for one in reached]
    shown = [any(row is other for other in telling(rows)) for row in rows]
    fits = [
        _full_fit(one, fitter, is_wanted=one is best, is_telling=is_telling)
        for one, is_telling in zip(reached, shown, strict=True)
    ]
    told = [place for place, full in enumerate(fits) if full is not None]
    found = fits[reached.index(best)]
    assert found is not None, "it was wanted"
    return Explanation(
        best=found,
        fits=tuple(full for full in fits if full is not None),
        labels=tuple(rows[place].label for place in told),
        rows=tuple(rows),
        verdict=verdict_on(rows, data.noise.is_given),
        is_explained=chosen is not None,
        failures=tuple(ladder.failures),
    )


def _full_fit(one: Climbed, fitter: Any, *, is_wanted: bool, is_telling: bool) -> Fit | None:
    """The fit of the chosen rung; of telling ones where it was made or costs next to nothing."""
    full = one.candidate.fit
    if full is None and (is_wanted or (is_telling and one.candidate.start is None)):
        return fitter(one.rung.model, start=one.candidate.start)
    return full if is_wanted or is_telling else None


def _score(one: Climbed, data: Data) -> float:
    """−2 ln L + 2 spent: the error of prediction with the freedom that was really spent."""
    deviance, n = one.candidate.deviance, data.n_points
    level = deviance if data.noise.is_given else profiled_deviance(deviance, n)
    return level + 2 * one.rung.spent


def _row(one: Climbed, data: Data, score: float, *, is_best: bool) -> LadderRow:
    deviance, adequacy = one.candidate.deviance, one.adequacy
    return LadderRow(
        label=str(one.rung.model),
        family=one.rung.family,
        n_parameters=one.rung.n_parameters,
        spent=one.rung.spent,
        chi2=deviance if data.noise.is_given else math.nan,
        rss=deviance,
        ndof=round(data.n_points - one.rung.spent),
        adequacy=adequacy.pvalue,
        is_bound=adequacy.is_bound,
        missing=missing_in_words(adequacy),
        gain=adequacy.gain,
        score=score,
        seconds=one.seconds,
        is_adequate=one.is_adequate,
        is_best=is_best,
    )
