"""One line of a comparison for each fit: criteria, weights, and errors on points left out."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from surefit.report.comparison import ComparisonRow, Score
from surefit.report.leave_one_out import LeaveOneOut
from surefit.result import Fit
from surefit.selection.criteria import (
    akaike_corrected,
    akaike_weights,
    bayesian,
    profiled_deviance,
)
from surefit.selection.cross_validation import CrossValidation


@dataclasses.dataclass(frozen=True, eq=False)
class Entry:
    """A model of a comparison.

    Attributes:
        fit: Its fit.
        label: What to call it.
        left_out: Its leave-one-out, or None where it has none.
        validation: Its cross-validation, or None where none was asked for.
    """

    fit: Fit
    label: str
    left_out: LeaveOneOut | None = None
    validation: CrossValidation | None = None


def ranked(entries: Sequence[Entry]) -> list[tuple[Entry, ComparisonRow]]:
    """The entries with their lines, best first.

    Those to be trusted come first, then the order is by AICc, where the loss is a likelihood, or
    by cross-validation, then the simpler one.

    Args:
        entries: In any order.
    """
    pairs = [(entry, row_of(entry.fit, entry.label)) for entry in entries]
    pairs.sort(key=lambda pair: rank(pair[1], pair[0].validation))
    trusted = [row.aicc if row.is_valid else math.inf for _, row in pairs]
    weights = akaike_weights(trusted)
    best = pairs[0][0] if pairs else None
    return [
        (
            entry,
            dataclasses.replace(
                row,
                weight=weight,
                left_out=_left_out(entry, best),
                validated=_validated(entry, best),
            ),
        )
        for (entry, row), weight in zip(pairs, weights, strict=True)
    ]


def rank(row: ComparisonRow, validation: CrossValidation | None) -> tuple[bool, float, float]:
    """Sort key of a line.

    Args:
        row: The line.
        validation: Its cross-validation, which decides where there is no AICc.
    """
    size = row.aicc
    if math.isnan(size):
        size = math.inf if validation is None else validation.mean
    return not row.is_valid, size, row.n_parameters


def row_of(one: Fit, label: str) -> ComparisonRow:
    """One fit's line in a comparison, by itself.

    Args:
        one: The fit.
        label: What to call it.

    Returns:
        The line; criteria are NaN where −2 ln L is, and for a loss that is no likelihood.
    """
    n_values = one.data.y.size
    deviance, n_parameters = one.misfit, one.effective_parameters
    if not one.loss.is_likelihood:
        deviance = math.nan
    if one.estimates_errors:
        deviance, n_parameters = profiled_deviance(one.misfit, n_values), n_parameters + 1
    return ComparisonRow(
        label=label,
        chi2=one.chi2,
        ndof=one.ndof,
        pvalue=one.pvalue,
        aicc=akaike_corrected(deviance, n_parameters, n_values),
        bic=bayesian(deviance, n_parameters, n_values),
        n_parameters=len(one.names) if one.penalty is None else one.effective_parameters,
        seconds=one.seconds,
        is_valid=one.valid,
        note="" if one.valid else one.status.advice,
    )


def _left_out(entry: Entry, best: Entry | None) -> Score:
    found = entry.left_out
    if found is None:
        return Score()
    return _against(
        found.deviance,
        found.standard_error,
        found.pointwise,
        None if best is None or best.left_out is None else best.left_out.pointwise,
    )


def _validated(entry: Entry, best: Entry | None) -> Score:
    found = entry.validation
    if found is None:
        return Score()
    score = Score(found.mean, found.standard_error)
    if best is None or best.validation is None:
        return score
    # Both were dealt the same folds, so that what folds have in common drops out.
    apart = found.fold_errors - best.validation.fold_errors
    with np.errstate(invalid="ignore"):
        error = float(np.std(apart, ddof=1) / np.sqrt(len(apart)))
    return dataclasses.replace(score, gap=found.mean - best.validation.mean, gap_error=error)


def _against(
    value: float, error: float, pointwise: np.ndarray, reference: np.ndarray | None
) -> Score:
    """A sum over points, and its difference from another: √n times the spread of differences."""
    if reference is None:
        return Score(value, error)
    apart = pointwise - reference
    gap_error = float(np.sqrt(len(apart) * np.var(apart, ddof=1)))
    return Score(value, error, float(np.sum(apart)), gap_error)
