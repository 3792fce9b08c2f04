"""The sentence: data → model → loss → problem → minimizer, steered by a search → result."""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from surefit.data.checked import Data
from surefit.exceptions import DataError, InvalidOption, InvalidType
from surefit.losses.asymmetric import VariableVariance
from surefit.losses.base import AbstractLoss
from surefit.losses.least_squares import LeastSquares
from surefit.losses.penalties import AbstractPenalty
from surefit.minimizers.base import AbstractMinimizer, Budget, Report, silent
from surefit.models.base import AbstractModel
from surefit.models.function import Function, ResolvedFunction, as_model
from surefit.models.readings.measured import measured
from surefit.models.readings.suitable import check_reading
from surefit.precision import double_precision
from surefit.problem.compilation_cache import keep_compiled
from surefit.problem.constraints import Constraints, array_length, check_constraints
from surefit.result import Fit
from surefit.search.solution import Solution, solve
from surefit.uncertainty.conclusion import Conclusion
from surefit.uncertainty.judging import conclude_solution

# Digits of which a fit can well spare so many.
FEW_DIGITS = 3.0
ASYMMETRIC = (
    "Errors on y are asymmetric: {loss} (Barlow 2004). Where the curve passes above a point the "
    "point's upper error counts; chi2 is -2 ln L, and its p-value approximate."
)


@double_precision
def fit(
    x: Any,
    y: Any,
    model: Any,
    yerr: Any = None,
    *,
    xerr: Any = None,
    loss: AbstractLoss | None = None,
    minimizer: AbstractMinimizer | None = None,
    start: Mapping[str, Any] | None = None,
    bounds: Mapping[str, Any] | None = None,
    fixed: Mapping[str, Any] | None = None,
    ties: Mapping[str, Any] | None = None,
    order: Sequence[Any] | None = None,
    constraints: Any = None,
    penalty: AbstractPenalty | None = None,
    budget: Budget | None = None,
    key: int = 0,
    progress: Report | None = None,
) -> Fit:
    """Fit a model to data. No starting values are needed, for any model.

    Args:
        x: Inputs, shape (n,) or (n, d): lists, arrays, data-frame columns.
        y: Outputs, shape (n,) or (n, m).
        model: A model such as `Line()` or `Dense(5)`, or a Python function f(x, a, b, ...).
        yerr: One standard deviation of y: a scalar, (n,), (n, m), or for one output an (n, n)
            covariance. Given errors are absolute. If None, one size for all is estimated from
            the residuals, and the report says so.
        xerr: One standard deviation of x: a scalar, (n,) or (n, d). The true x of every point is
            then fitted too (`ErrorsInVariables`); `EffectiveVariance(0.1)` is quicker.
        loss: What is minimized; least squares if None.
        minimizer: How to go downhill; chosen by the structure of the problem if None.
        start: Values to try first, by parameter name; the search goes on beyond them.
        bounds: Pairs (lower, upper) by parameter name, None for no limit on a side.
        fixed: Values at which to hold parameters, by name.
        ties: Parameters that are formulas or functions of others: `{"b": "2*a"}`. They are not
            free; their errors are propagated.
        order: Names of parameters that do not decrease, `("mean1", "mean2")`, or a list of such
            tuples: of equal peaks it says which is which.
        constraints: Parameters measured elsewhere, `{"a": (mean, sigma)}`, or correlated ones,
            (names, means, covariance), or a list of these. They are added to −2 ln L and count as
            further data.
        penalty: What keeps a model with more freedom than the data need tame: `Ridge()` or
            `Roughness()`, whose strength the data choose if none is given. Goes with `start` and
            `constraints`.
        budget: Limits on the work.
        key: Seed of the search; the same key gives the same result.
        progress: Called with what is being done and −2 ln L so far.

    Returns:
        The fit, with values, errors, covariance, curve, band, and how sure we are of the minimum.

    Raises:
        SurefitError: The data, the model or an option cannot be used; the message says which
            argument, what was wrong with it, and what to do. A fit that went badly raises
            nothing: its `status` says what happened.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit([0, 1, 2, 3], [1.1, 2.9, 5.2, 6.8], sf.Line(), yerr=0.2)
        >>> round(fit.values["slope"], 2), round(fit.errors["slope"], 2)
        (1.94, 0.09)
    """
    said = (start, bounds, fixed, ties, order, constraints)
    how = How(minimizer, budget or Budget(), key, progress or silent, penalty)
    return fit_data(measured(x, y, yerr, xerr), model, loss, said, how)


@dataclasses.dataclass(frozen=True)
class How:
    """How the minimum is looked for.

    Attributes:
        minimizer: The user's choice, or None.
        budget: Limits on the work.
        key: Seed of the search.
        report: Called with the progress.
        penalty: What keeps the curve tame, or None.
    """

    minimizer: AbstractMinimizer | None
    budget: Budget
    key: int
    report: Report
    penalty: AbstractPenalty | None = None


def fit_data(
    data: Data, model: Any, loss: AbstractLoss | None, said: tuple[Any, ...], how: How
) -> Fit:
    """Fit a model to checked data.

    Args:
        data: The data.
        model: A model or a Python function.
        loss: The loss, or None for least squares.
        said: What the user said of the parameters: start, bounds, fixed, ties, order, constraints.
        how: How the minimum is looked for.
    """
    began = time.perf_counter()
    keep_compiled()
    check_penalty(how.penalty, *said[1:5])
    resolved = describe(model, *said)
    if how.penalty is not None and how.penalty.is_of_parameters:
        resolved = resolved.direct()
    resolved = resolved.resolve(data)
    if loss is None and data.noise.sides is not None:
        loss = VariableVariance()
    loss = as_loss(loss)
    if not (data.reading.is_plain and loss.is_least_squares):
        resolved = named_if_harmless(resolved, data)
    check_reading(resolved, data)
    constrained = check_constraints(resolved.parameters(), *said)
    loss = check_loss(loss, data, constrained)
    solution = solve(
        resolved,
        data,
        loss,
        constrained,
        minimizer=how.minimizer,
        key=how.key,
        budget=how.budget,
        report=how.report,
        penalty=how.penalty,
    )
    conclusion = conclude_solution(resolved, data, loss, solution)
    seconds = time.perf_counter() - began
    return assemble(resolved, data, loss, conclusion, solution, seconds)


def check_penalty(penalty: Any, bounds: Any, fixed: Any, ties: Any, order: Any) -> None:
    """Refuse what is no penalty, or does not go with what else is said of the parameters."""
    if penalty is None:
        return
    if not isinstance(penalty, AbstractPenalty):
        raise InvalidType(
            f"penalty is a {type(penalty).__name__}; pass sf.Ridge() or sf.Roughness()."
        )
    said = {"bounds": bounds, "fixed": fixed, "ties": ties, "order": order}
    others = [name for name, value in said.items() if _is_said(value)]
    if others:
        raise InvalidOption(
            f"penalty does not go with {' and '.join(others)}: how many parameters the fit spends "
            "would not be known. Leave one of them out."
        )


def as_loss(loss: Any) -> AbstractLoss:
    """The loss, least squares where none was said."""
    if loss is None or isinstance(loss, AbstractLoss):
        return loss or LeastSquares()
    raise InvalidType(
        f"loss is a {type(loss).__name__}; pass a loss such as sf.LeastSquares() or sf.Poisson()."
    )


def named_if_harmless(model: AbstractModel, data: Data) -> AbstractModel:
    """A linear model with the parameters it reports, if solving for these costs few digits.

    It does not depend on the data then, so that all data sets share what is compiled for one.
    """
    conversion = model.conversion()
    if conversion is None or conversion.digits_lost > FEW_DIGITS:
        return model
    return model.direct().resolve(data) if model.parameters().linear.all() else model


def check_loss(loss: AbstractLoss, data: Data, constraints: Constraints) -> AbstractLoss:
    """The loss, if it suits the data and what is known of the parameters."""
    refusal = loss.refusal(data.y, data.noise)
    if refusal is not None:
        raise DataError(refusal)
    if data.reading.is_error and not (loss.is_least_squares or not loss.is_likelihood):
        raise InvalidOption(
            f"xerr does not go with {loss}: its errors are not those of y = f(x) ± yerr. Use least "
            "squares or a robust loss."
        )
    if len(constraints.gaussian) and loss.is_least_squares and not data.noise.is_given:
        raise InvalidOption(
            "constraints needs yerr: without errors on y nobody knows how much a measured "
            "parameter weighs against the points."
        )
    return loss


def describe(model: Any, start: Any, bounds: Any, fixed: Any, *others: Any) -> AbstractModel:
    """The model as a description; one that works with its named parameters if any is constrained.

    A function of one array of parameters gets its length from start, bounds or fixed values.
    """
    description = as_model(model)
    if isinstance(description, Function) and description.n_parameters is None:
        names = description.argument_names
        length = array_length(names[0], start, bounds, fixed) if len(names) == 1 else None
        description = description if length is None else Function(description.function, length)
    said = (start, bounds, fixed, *others)
    return description.direct() if any(map(_is_said, said)) else description


def _is_said(argument: Any) -> bool:
    return argument is not None and (not hasattr(argument, "__len__") or len(argument) > 0)


def assemble(
    model: AbstractModel,
    data: Data,
    loss: AbstractLoss,
    conclusion: Conclusion,
    solution: Solution,
    seconds: float,
) -> Fit:
    """The result as a record over the full parameter vector."""
    constraints = solution.constraints
    coordinates, point = constraints.coordinates, conclusion.point
    working = coordinates.expand(point[None])[0]
    with np.errstate(all="ignore"):
        expected = data.reading.expected(model, working, data.x, data.extent)
        residuals = data.y - np.asarray(expected)
    notes = [note for note in (data.reading.note(),) if note] + list(conclusion.notes)
    if data.noise.sides is not None:
        notes.append(ASYMMETRIC.format(loss=loss))
    if isinstance(model, ResolvedFunction) and model.untraceable:
        notes.append(f"Derivatives are numerical. {model.untraceable}")
    if data.n_dropped:
        notes.append(f"{data.n_dropped} masked point(s) were left out.")
    return Fit(
        model=model,
        data=data,
        loss=loss,
        constraints=constraints,
        working=working,
        working_covariance=coordinates.covariance(point, conclusion.covariance),
        deviance=conclusion.value,
        rss=float(np.sum(residuals**2)),
        rank=conclusion.rank,
        remarks=constraints.remarks() | coordinates.remarks(conclusion.remarks, working),
        status=conclusion.status,
        evidence=solution.evidence,
        method=solution.choice.reason,
        notes=tuple(notes),
        seconds=seconds,
        penalty=solution.penalty,
    )
