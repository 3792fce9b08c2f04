"""Fit several models to the same data and say which the data prefer."""

import dataclasses
import math
from collections.abc import Iterable
from typing import Any

from surefit.data.checked import check_data
from surefit.data.splits import AbstractFolds
from surefit.exceptions import InvalidOption, InvalidType, SurefitError
from surefit.fitting import fit
from surefit.losses.base import AbstractLoss
from surefit.minimizers.base import AbstractMinimizer, Budget, Report
from surefit.models.base import AbstractModel
from surefit.models.function import as_model
from surefit.report.comparison import ComparisonRow, comparison_html, comparison_text
from surefit.report.leave_one_out import LeaveOneOut
from surefit.report.plots import overlay_figure
from surefit.result import Fit
from surefit.selection.cross_validation import cross_validate
from surefit.selection.refits import Cold
from surefit.selection.rows import Entry, ranked
from surefit.selection.verdict import verdict_on


@dataclasses.dataclass(frozen=True, eq=False)
class Comparison:
    """Fits of several models to the same data.

    Attributes:
        entries: One for each model that could be fitted, in the order given: its fit, its label,
            its leave-one-out and its cross-validation.
        failures: The models that could not be fitted, and why.
    """

    entries: tuple[Entry, ...]
    failures: tuple[tuple[str, str], ...] = ()

    @property
    def fits(self) -> tuple[Fit, ...]:
        """The fits, in the order given."""
        return tuple(entry.fit for entry in self.entries)

    @property
    def labels(self) -> tuple[str, ...]:
        """What to call each, the model as it was given."""
        return tuple(entry.label for entry in self.entries)

    @property
    def rows(self) -> tuple[ComparisonRow, ...]:
        """One line for each model, best first; those without a result last."""
        fitted = [row for _, row in ranked(self.entries)]
        failed = tuple(_failed_row(label, reason) for label, reason in self.failures)
        return (*fitted, *failed)

    @property
    def best(self) -> Fit:
        """The fit with the lowest AICc among those that can be trusted (or among all)."""
        return ranked(self.entries)[0][0].fit

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
    folds: int | AbstractFolds | None = None,
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
    How sure the order is, Akaike weights say, and the difference in what points are predicted that
    were left out one by one (Vehtari, Gelman and Gabry 2017), where there is a formula for that.

    Args:
        x: Inputs, as for `fit`.
        y: Outputs, as for `fit`.
        models: Two or more models or Python functions.
        yerr: One standard deviation of y, as for `fit`.
        folds: Cross-validate each model too, with as many folds, or `RandomFolds(n)`; the same
            for all. A robust loss, which has no AICc, is compared by that alone.
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
    chosen = described(models)
    check_data(x, y, yerr)
    if loss is not None and not loss.is_likelihood and folds is None:
        raise InvalidOption(
            f"{loss} is no likelihood, so there is no AICc; pass folds=10 to compare by "
            "cross-validation."
        )
    entries: list[Entry] = []
    failures: list[tuple[str, SurefitError]] = []
    for model in chosen:
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
            entries.append(Entry(one, str(model), _left_out_of(one)))
    if not entries:
        raise failures[0][1]
    if folds is not None:
        how = Cold(minimizer, budget or Budget(), key)
        entries = [_validated(entry, folds, how, key, progress) for entry in entries]
    reasons = tuple((label, str(error)) for label, error in failures)
    return Comparison(tuple(entries), reasons)


def _validated(
    entry: Entry, folds: int | AbstractFolds, how: Cold, key: int, progress: Report | None
) -> Entry:
    found = cross_validate(entry.fit, folds=folds, refits=how, key=key, progress=progress)
    return dataclasses.replace(entry, validation=found)


def described(models: Any) -> list[AbstractModel]:
    """A list of models or functions as descriptions.

    Raises:
        InvalidType: It is no list.
        InvalidOption: It is empty.
    """
    if isinstance(models, AbstractModel | str) or not isinstance(models, Iterable):
        raise InvalidType(f"models is {type(models).__name__}; pass a list of models.")
    found = [as_model(model) for model in models]
    if not found:
        raise InvalidOption("models is empty; pass a list of models.")
    return found


def _left_out_of(one: Fit) -> LeaveOneOut | None:
    """Leave-one-out where there is one that its own checks do not speak against."""
    try:
        found = one.leave_one_out()
    except SurefitError:
        return None
    return found if found.is_reliable else None


def _failed_row(label: str, reason: str) -> ComparisonRow:
    nan = math.nan
    return ComparisonRow(label, nan, 0, nan, nan, nan, 0, nan, is_valid=False, note=reason)
