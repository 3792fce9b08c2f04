"""Error against the size of the model: too stiff, or following the noise?"""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np

from surefit.data.splits import AbstractFolds
from surefit.exceptions import SurefitError
from surefit.fitting import fit as fit_model
from surefit.many.frames import frame_of
from surefit.minimizers.base import Report
from surefit.precision import double_precision
from surefit.report.rounding import rounded, significant
from surefit.report.series_table import SQUARED, UNIT, series_html, series_text
from surefit.selection.compare import described
from surefit.selection.cross_validation import cross_validate
from surefit.selection.refits import AbstractRefit


@dataclasses.dataclass(frozen=True)
class Rung:
    """One model of a complexity curve.

    Attributes:
        label: Its constructor.
        n_parameters: Parameters that the data determine.
        training: Mean loss of the points fitted.
        validation: Mean loss of points not fitted.
        validation_error: Standard error of that.
        is_valid: Whether the fit is to be trusted.
    """

    label: str
    n_parameters: int
    training: float
    validation: float
    validation_error: float
    is_valid: bool


@dataclasses.dataclass(frozen=True, eq=False)
class ComplexityCurve:
    """Errors of models of growing size, on points fitted and not fitted; print it, plot it.

    Attributes:
        rungs: The models, smallest first.
        failures: Models that could not be fitted or validated, and why.
        has_scale: Whether the loss has a scale, so that noise leaves about 1.
        method: How points were left out.
    """

    rungs: tuple[Rung, ...]
    failures: tuple[tuple[str, str], ...]
    has_scale: bool
    method: str

    @property
    def lowest(self) -> Rung:
        """The model with the lowest error on points not fitted."""
        return min(self.rungs, key=lambda rung: (rung.validation, rung.n_parameters))

    @property
    def chosen(self) -> Rung:
        """The smallest model whose error is within one standard error of the lowest.

        Breiman, Friedman, Olshen and Stone 1984, *Classification and Regression Trees*, section
        3.4.3: the lowest one is so partly by chance, which favors the larger of equals.
        """
        limit = self.lowest.validation + self.lowest.validation_error
        return next(rung for rung in self.rungs if rung.validation <= limit)

    @property
    def verdict(self) -> str:
        """Which model to take, and which are too stiff or too flexible."""
        chosen, lowest = self.chosen, self.lowest
        said = f"{chosen.label} has the lowest error on points not fitted."
        if chosen is not lowest:
            said = (
                f"{lowest.label} has the lowest error on points not fitted; {chosen.label} is the "
                "smallest within one standard error of it."
            )
        stiff = [rung.label for rung in self.rungs if rung.n_parameters < chosen.n_parameters]
        limit = lowest.validation + lowest.validation_error
        beyond = [
            rung.label
            for rung in self.rungs
            if rung.n_parameters > lowest.n_parameters and rung.validation > limit
        ]
        said += f" Too stiff: {', '.join(stiff)}." if stiff else ""
        return said + (f" Following the noise: {', '.join(beyond)}." if beyond else "")

    def plot(self, **options: Any):
        """Draw both errors against the number of parameters.

        Args:
            **options: `title`.

        Returns:
            A matplotlib figure.
        """
        from surefit.report.error_curves import complexity_figure  # slow to import

        return complexity_figure(self, **options)

    def to_frame(self):
        """One row for each model, as a pandas data frame.

        Raises:
            MissingDependency: pandas is not installed.
        """
        names = [field.name for field in dataclasses.fields(Rung)]
        columns = {name: np.array([getattr(rung, name) for rung in self.rungs]) for name in names}
        return frame_of(columns)

    @property
    def _views(self) -> tuple[str, list[str], list[list[str]], list[str]]:
        rows = [
            [
                rung.label,
                f"{rung.n_parameters}",
                significant(rung.training),
                rounded(rung.validation, rung.validation_error).text(),
                "chosen" if rung is self.chosen else "" if rung.is_valid else "(!)",
            ]
            for rung in self.rungs
        ]
        said = [self.verdict, f"Errors: {UNIT if self.has_scale else SQUARED}; {self.method}."]
        if not all(rung.is_valid for rung in self.rungs):
            said.append("(!) Not every fit of this model is to be trusted.")
        said += [f"{label}: {reason}" for label, reason in self.failures]
        header = ["model", "par.", "fitted", "not fitted", ""]
        return "Error against the size of the model", header, rows, said

    def __str__(self) -> str:
        return series_text(*self._views)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return series_html(*self._views)


@double_precision
def complexity_curve(
    x: Any,
    y: Any,
    models: Iterable[Any],
    yerr: Any = None,
    *,
    folds: int | AbstractFolds = 10,
    refits: AbstractRefit | None = None,
    key: int = 0,
    progress: Report | None = None,
    **options: Any,
) -> ComplexityCurve:
    """Cross-validate models of growing size on the same folds.

    The error on points fitted falls with every parameter; that on points not fitted falls and
    rises again where the noise is followed (Hastie, Tibshirani and Friedman 2009, section 7.10).

    Args:
        x: Inputs, as for `fit`.
        y: Outputs, as for `fit`.
        models: Models or functions, such as `[sf.Polynomial(n) for n in range(15)]`.
        yerr: One standard deviation of y, as for `fit`.
        folds: How many folds, or `RandomFolds(n)`.
        refits: `Cold()`, the default, or `Warm()`; see `cross_validate`.
        key: Seed of the folds and of the searches.
        progress: Called with what is being done.
        **options: Others that `sf.fit` takes, such as `loss`.

    Raises:
        SurefitError: No model could be fitted; the first one's reason.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0.0, 1.0, 60)
        >>> y = 2.0 * x + 0.1 * np.cos(40.0 * x)
        >>> curve = sf.complexity_curve(x, y, [sf.Polynomial(n) for n in (0, 1, 5)], 0.1)
        >>> curve.chosen.label
        'Polynomial(1)'
    """
    rungs: list[Rung] = []
    failures: list[tuple[str, SurefitError]] = []
    has_scale, method = True, ""
    for model in described(models):
        try:
            one = fit_model(x, y, model, yerr, key=key, progress=progress, **options)
            found = cross_validate(one, folds=folds, refits=refits, key=key, progress=progress)
        except SurefitError as error:
            failures.append((str(model), error))
            continue
        has_scale, method = found.has_scale, found.method
        is_valid = one.valid and not found.n_untrusted
        errors = (float(np.mean(found.training_errors)), found.mean, found.standard_error)
        rungs.append(Rung(str(model), one.rank, *errors, is_valid))
    if not rungs:
        raise failures[0][1]
    rungs.sort(key=lambda rung: rung.n_parameters)
    reasons = tuple((label, str(error)) for label, error in failures)
    return ComplexityCurve(tuple(rungs), reasons, has_scale, method)
