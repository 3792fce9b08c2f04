"""What a user would read off each toy: values, errors, intervals and band of its own fit."""

import dataclasses

import numpy as np

from surefit.data.data_sets import DataSets
from surefit.minimizers.base import Report, Status, silent
from surefit.search.base import closed_form_evidence
from surefit.uncertainty.bands import confidence_error, quantile
from surefit.uncertainty.chi2 import estimated_scale
from surefit.uncertainty.conclusion import Conclusion
from surefit.uncertainty.judging import conclude_at
from surefit.uncertainty.landscape import Fitted
from surefit.uncertainty.refitting import Origin, Refits
from surefit.uncertainty.remarks import confined_names
from surefit.uncertainty.reported import reported_of
from surefit.uncertainty.slices import intervals_over_cell
from surefit.uncertainty.step_profiles import step_interval

# To which part of their length intervals of steps are found: counting cannot tell more.
PRECISION = 1e-3


@dataclasses.dataclass(frozen=True, eq=False)
class ToyFits:
    """The fits of k toys, as they would be reported.

    Attributes:
        names: Reported parameters, r of them.
        values: Shape (k, r).
        errors: One standard deviation of each, shape (k, r); NaN where a toy has none.
        curves: At the points of the band, shape (k, g).
        curve_errors: Their errors, shape (k, g).
        quantiles: Half widths in standard deviations, shape (k, l) for l levels.
        intervals: Ends of profile intervals, shape (k, l, r, 2); None if not asked for.
        ranks: Combinations that the toy's data determined, shape (k,).
        is_minimum: Whether the toy's fit ended at a minimum, shape (k,).
    """

    names: tuple[str, ...]
    values: np.ndarray
    errors: np.ndarray
    curves: np.ndarray
    curve_errors: np.ndarray
    quantiles: np.ndarray
    intervals: np.ndarray | None
    ranks: np.ndarray
    is_minimum: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class _Asked:
    """What is read off each toy."""

    x: np.ndarray
    levels: tuple[float, ...]
    profiled: tuple[str, ...]
    is_scaled: bool


def read_toys(
    origin: Origin,
    sets: DataSets,
    refits: Refits,
    x: np.ndarray,
    levels: tuple[float, ...],
    *,
    profiled: tuple[str, ...] = (),
    report: Report = silent,
) -> ToyFits:
    """Conclude on each refit as on a fit of its own: polish, rank, covariance, errors, band.

    Args:
        origin: The fit that the toys were drawn from.
        sets: The toys.
        refits: Their refits.
        x: Where the curve is compared, (g,) or (g, d).
        levels: Coverages of the intervals.
        profiled: Parameters whose profile intervals are wanted.
        report: Called with the number of toys that are done.
    """
    is_scaled = origin.loss.is_least_squares and not origin.data.noise.is_given
    asked = _Asked(x, levels, profiled, is_scaled)
    rows = []
    for row in range(len(sets)):
        with np.errstate(all="ignore"):
            rows.append(_read(origin, sets, refits, row, asked))
        if row % 50 == 49:
            report("judging toys", float(row + 1))
    names, columns = rows[0][0], list(zip(*(row[1:] for row in rows), strict=True))
    arrays = [None if column[0] is None else np.array(column) for column in columns]
    return ToyFits(names, *arrays)  # pyright: ignore[reportArgumentType]


def _read(origin: Origin, sets: DataSets, refits: Refits, row: int, asked: _Asked):
    """Names, and what `ToyFits` has of one toy."""
    problem, constraints = origin.problem(sets, row), origin.constraints_in(sets, row)
    model, coordinates = origin.model, constraints.coordinates
    conclusion = conclude_at(
        *(model, sets.of(row), origin.loss, constraints, problem),
        *(refits.points[row], refits.status[row], closed_form_evidence()),
    )
    working = coordinates.expand(conclusion.point[None])[0]
    covariance = coordinates.covariance(conclusion.point, conclusion.covariance)
    spent = constraints.spent(conclusion.rank, covariance)
    ndof = int(sets.n_terms[row]) + len(constraints.gaussian) - spent
    misfit = conclusion.value - constraints.penalty_at(working)
    scale = estimated_scale(misfit, ndof) if asked.is_scaled else 1.0
    covariance = covariance * scale**2
    reported = reported_of(model, working, covariance, constraints.free)
    remarks = constraints.remarks() | coordinates.remarks(conclusion.remarks, working)
    errors = np.array(list(reported.named_errors(remarks).values()))
    curve = np.asarray(model.evaluate(working, asked.x)).ravel()
    curve_error = confidence_error(model, working, covariance, asked.x).ravel()
    quantiles = [quantile(p, max(ndof, 1) if asked.is_scaled else None) for p in asked.levels]
    intervals = None
    if asked.profiled:
        intervals = _profiles(origin, sets, row, conclusion, working, quantiles, scale, asked)
    ending = conclusion.status
    is_minimum = ending.is_minimum or ending in (Status.undetermined, Status.merging)
    return (
        reported.parameters.names,
        *(reported.values, errors, curve, curve_error, quantiles, intervals),
        *(conclusion.rank, is_minimum),
    )


def _profiles(
    origin: Origin,
    sets: DataSets,
    row: int,
    conclusion: Conclusion,
    working: np.ndarray,
    quantiles: list[float],
    scale: float,
    asked: _Asked,
) -> np.ndarray:
    """Ends of profile intervals, shape (l, r, 2); NaN where one has no end."""
    fitted = Fitted(
        *(origin.model, sets.of(row), origin.loss, origin.constraints_in(sets, row)),
        *(working, conclusion.value, scale**2, confined_names(conclusion.remarks)),
    )
    names, steps = fitted.constraints.coordinates.names, fitted.steps
    is_step = {name: bool(mask) for name, mask in zip(names, steps, strict=True)}
    smooth = [name for name in asked.profiled if not is_step.get(name, False)]
    found = np.full((len(quantiles), len(asked.profiled), 2), np.nan)
    for level, half in enumerate(quantiles):
        rise = (half * scale) ** 2
        ends = intervals_over_cell(fitted, smooth, dict.fromkeys(smooth, rise)) if smooth else {}
        for place, name in enumerate(asked.profiled):
            if name in ends:
                one = ends[name]
            else:
                one = step_interval(fitted, name, rise, precision=PRECISION)
            found[level, place] = one.lower, one.upper
    return found
