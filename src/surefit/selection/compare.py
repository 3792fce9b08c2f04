"""Fit several models to the same data and say which the data prefer."""

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

from surefit.data.checked import check_data
from surefit.exceptions import InvalidOption, InvalidType, SurefitError
from surefit.fitting import fit
from surefit.losses.base import AbstractLoss
from surefit.minimizers.base import AbstractMinimizer, Budget, Report
from surefit.models.base import AbstractModel
from surefit.models.function import as_model
from surefit.report.comparison import ComparisonRow, comparison_html, comparison_text
from surefit.report.plots import overlay_figure
from surefit.result import Fit
from surefit.selection.criteria import akaike_corrected, bayesian, profiled_deviance
from surefit.selection.verdict import verdict_on


@dataclasses.dataclass(frozen=True, eq=False)
class Comparison:
    """Fits of several models to the same data.

    Attributes:
        fits: One for each model that could be fitted, in the order given.
        labels: What to call each, the model as it was given.
        failures: The models that could not be fitted, and why.
    """

    fits: tuple[Fit, ...]
    labels: tuple[str, ...]
    failures: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> tuple[ComparisonRow, ...]:
        """One line for each model, best first; those without a result last."""
        fitted = sorted(map(row_of, self.fits, self.labels), key=_rank)
        failed = tuple(_failed_row(label, reason) for label, reason in self.failures)
        return (*fitted, *failed)

    @property
    def best(self) -> Fit:
        """The fit with the lowest AICc among those that can be trusted (or among all)."""
        return min(self.fits, key=lambda one: _rank(row_of(one, "")))

    @property
    def verdict(self) -> str:
        """What the data say, in a few sentences."""
        return verdict_on(self.rows)

    def plot(self, **options: Any):
        """Draw all curves over the data.

        Args:
            **options: Passed to `surefit.report.plots.overlay_figure`: `x_label`, `y_label`,
                `log_x`, `log_y`, `title`, `show_pulls`.

        Returns:
            A matplotlib figure.

        Raises:
            NotAvailable: There are several inputs or outputs.
        """
        pairs = zip(self.fits, self.labels, strict=True)
        curves = [dataclasses.replace(one.curve(), label=label) for one, label in pairs]
        return overlay_figure(curves, **options)

    def __str__(self) -> str:
        return comparison_text(self.rows, self.verdict)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return comparison_html(self.rows, self.verdict)


def compare(
    x: Any,
    y: Any,
    models: Iterable[Any],
    yerr: Any = None,
    *,
    loss: AbstractLoss | None = None,
    minimizer: AbstractMinimizer | None = None,
    budget: Budget | None = None,
    key: int = 0,
    progress: Report | None = None,
) -> Comparison:
    """Fit several models to the same data and compare them by information criteria.

    AICc decides the order: it estimates how well a model would predict new data of this kind.
    BIC is shown beside it. Where errors on y were given, −2 ln L is χ²; where not, their size
    is one more parameter of each model. Parameters that the data do not determine are not
    counted. The criteria compare models; whether the best one is any good is said by its p-value.

    Args:
        x: Inputs, as for `fit`.
        y: Outputs, as for `fit`.
        models: Two or more models or Python functions.
        yerr: One standard deviation of y, as for `fit`.
        loss: What is minimized; least squares if None.
        minimizer: How to go downhill; chosen for each model if None.
        budget: Limits on the work of each fit.
        key: Seed of the searches.
        progress: Called with what is being done and −2 ln L so far.

    Returns:
        The comparison. A model that cannot be fitted to these data has a row that says why.

    Raises:
        SurefitError: The data or an option cannot be used, or no model could be fitted.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0.0, 1.0, 20)
        >>> y = 1.0 + 2.0 * x + 0.1 * np.cos(40.0 * x)
        >>> result = sf.compare(x, y, [sf.Constant(), sf.Line(), sf.Polynomial(2)], yerr=0.1)
        >>> print(result.best.model)
        Line()
    """
    described = _described(models)
    check_data(x, y, yerr)
    fits: list[Fit] = []
    labels: list[str] = []
    failures: list[tuple[str, SurefitError]] = []
    for model in described:
        try:
            one = fit(
                *(x, y, model, yerr),
                loss=loss,
                minimizer=minimizer,
                budget=budget,
                key=key,
                progress=progress,
            )
        except SurefitError as error:
            failures.append((str(model), error))
        else:
            fits.append(one)
            labels.append(str(model))
    if not fits:
        raise failures[0][1]
    reasons = tuple((label, str(error)) for label, error in failures)
    return Comparison(tuple(fits), tuple(labels), reasons)


def _described(models: Any) -> list[AbstractModel]:
    if isinstance(models, AbstractModel | str) or not isinstance(models, Iterable):
        raise InvalidType(f"models is {type(models).__name__}; pass a list of models.")
    described = [as_model(model) for model in models]
    if not described:
        raise InvalidOption("models is empty; pass a list of models.")
    return described


def row_of(one: Fit, label: str) -> ComparisonRow:
    """One fit's line in a comparison.

    Args:
        one: The fit.
        label: What to call it.

    Returns:
        The line; criteria are NaN where −2 ln L is.
    """
    n_values = one.data.y.size
    deviance, n_parameters = one.deviance, one.rank
    if one.loss.is_least_squares and not one.data.noise.is_given:
        deviance, n_parameters = profiled_deviance(one.deviance, n_values), one.rank + 1
    return ComparisonRow(
        label=label,
        chi2=one.chi2,
        ndof=one.ndof,
        pvalue=one.pvalue,
        aicc=akaike_corrected(deviance, n_parameters, n_values),
        bic=bayesian(deviance, n_parameters, n_values),
        n_parameters=len(one.names),
        seconds=one.seconds,
        is_valid=one.valid,
        note="" if one.valid else one.status.advice,
    )


def _failed_row(label: str, reason: str) -> ComparisonRow:
    nan = math.nan
    return ComparisonRow(label, nan, 0, nan, nan, nan, 0, nan, is_valid=False, note=reason)


def _rank(row: ComparisonRow) -> tuple[bool, float, int]:
    """Sort key: fits to be trusted first, then by AICc, then the simpler one."""
    return not row.is_valid, math.inf if math.isnan(row.aicc) else row.aicc, row.n_parameters
