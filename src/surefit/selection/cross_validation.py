"""Cross-validation: fit to all folds but one, predict that one, in turn."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from surefit.annotations import Float
from surefit.data.checked import Data
from surefit.data.data_sets import left_out
from surefit.data.splits import AbstractFolds, StratifiedFolds
from surefit.exceptions import InvalidOption, InvalidType
from surefit.fitting import fit as fit_model
from surefit.losses.base import AbstractLoss
from surefit.minimizers.base import Report, silent
from surefit.precision import double_precision
from surefit.report.rounding import rounded, significant
from surefit.report.statement import Quantity, statement_html, statement_text
from surefit.report.wording import brief
from surefit.result import Fit
from surefit.selection.refits import (
    AbstractRefit,
    Cold,
    refuse_dependent_points,
    refuse_too_few,
)


@dataclasses.dataclass(frozen=True, eq=False)
class CrossValidation:
    """How well a model predicts points that it was not fitted to; print it.

    Attributes:
        label: The model's constructor.
        fold: The fold of each point, shape (n,).
        errors: Loss of each point as predicted by the other folds, outputs added, shape (n,): its
            part of −2 ln L if the loss has a scale (χ² for least squares), else its squared
            residual, in the unit of y squared.
        predictions: By the other folds, shape (n, m).
        residuals: y less these, shape (n, m).
        training_errors: Mean loss of each fit on its own points, shape (k,).
        n_untrusted: Fits whose minimum is not to be trusted.
        has_scale: Whether errors on y were given (or are known, as for counts).
        method: How it was done, in words.
    """

    label: str
    fold: np.ndarray
    errors: Float[np.ndarray, " n"]
    predictions: Float[np.ndarray, "n m"]
    residuals: Float[np.ndarray, "n m"]
    training_errors: Float[np.ndarray, " k"]
    n_untrusted: int
    has_scale: bool
    method: str

    @property
    def fold_errors(self) -> Float[np.ndarray, " k"]:
        """Mean error of each fold's points, shape (k,)."""
        return np.bincount(self.fold, self.errors) / np.bincount(self.fold)

    @property
    def mean(self) -> float:
        """Mean error of a point: near 1 for a model that is right, if errors were given."""
        return float(np.mean(self.errors))

    @property
    def standard_error(self) -> float:
        """Standard error of `mean`, from the spread of the folds' means.

        Hastie, Tibshirani and Friedman 2009, section 7.10. Fits share most of their points, so
        that it is a little too small (Bengio and Grandvalet 2004, J. Mach. Learn. Res. 5, 1089).
        """
        means = self.fold_errors
        return float(np.std(means, ddof=1) / np.sqrt(len(means)))

    @property
    def deviance(self) -> float:
        """The errors added up: comparable with AICc and leave-one-out, if errors were given."""
        return float(np.sum(self.errors))

    @property
    def rmse(self) -> float:
        """Root mean square of `residuals`: the typical error of a prediction, in the unit of y."""
        return float(np.sqrt(np.mean(self.residuals**2)))

    @property
    def _quantities(self) -> list[Quantity]:
        unit = "-2 ln L of a point" if self.has_scale else "squared, unit of y squared"
        n_folds = len(self.training_errors)
        return [
            ("error left out", rounded(self.mean, self.standard_error).text(), unit),
            ("error in the fits", significant(float(np.mean(self.training_errors))), ""),
            ("prediction error", significant(self.rmse), "root mean square, unit of y"),
            ("fits to be trusted", f"{n_folds - self.n_untrusted} of {n_folds}", ""),
        ]

    @property
    def _views(self) -> tuple[str, list[Quantity], list[str]]:
        heading = f"Cross-validation of {self.label}: {self.method}"
        said = []
        if not np.isfinite(self.mean):
            said.append("A point left out was predicted to be impossible: the error is infinite.")
        if self.n_untrusted:
            said.append("Fits that are not to be trusted may make the model look worse than it is.")
        return heading, self._quantities, said

    def __str__(self) -> str:
        return statement_text(*self._views)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return statement_html(*self._views)


@double_precision
def cross_validate(
    fit: Any,
    y: Any = None,
    model: Any = None,
    yerr: Any = None,
    *,
    folds: int | AbstractFolds = 10,
    refits: AbstractRefit | None = None,
    key: int = 0,
    progress: Report | None = None,
    **options: Any,
) -> CrossValidation:
    """Estimate how well a model predicts points of this kind that it has not seen.

    Stone 1974, J. R. Stat. Soc. B 36, 111; Hastie, Tibshirani and Friedman 2009, section 7.10.
    Call it with a fit, or with what `fit` takes: `cross_validate(x, y, sf.Line(), 0.1)`.

    Args:
        fit: A fit; or x, and then y, model and yerr as for `sf.fit`.
        y: Outputs, where x is given instead of a fit.
        model: The model then.
        yerr: Errors on y then.
        folds: How many folds, spread over x; or `RandomFolds(n)`. As many as there are points is
            leave-one-out.
        refits: `Cold()`, the default, searches anew for each fold; `Warm()` only goes downhill
            from the minimum of all points.
        key: Seed of the folds: the same for several models to compare them.
        progress: Called with what is being done.
        **options: Others that `sf.fit` takes, such as `loss` or `bounds`, where x is given.

    Returns:
        The record. A robust loss measures left-out points as it does fitted ones.

    Raises:
        NotAvailable: Errors are correlated, or the model needs all points at once.
        TooFewPoints: Without a fold there are too few points for the model.
        InvalidOption: There cannot be so many folds.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0.0, 1.0, 50)
        >>> y = 2.0 * x + 0.1 * np.cos(40.0 * x)
        >>> round(sf.cross_validate(x, y, sf.Line(), 0.1).mean, 2)
        0.56
    """
    one = as_fit(fit, y, model, yerr, options)
    refuse_dependent_points(one)
    data, report = one.data, progress or silent
    chosen = as_folds(folds)
    fold = chosen.assign(data, np.random.default_rng(key))
    how = Cold() if refits is None else refits
    if not isinstance(how, AbstractRefit):
        raise InvalidType(f"refits is {how!r}; pass sf.Cold() or sf.Warm().")
    groups = [np.flatnonzero(fold == number) for number in range(fold.max() + 1)]
    sets = left_out(data, groups)
    refuse_too_few(one, sets, "Without fold")
    curves = how.refit(one, sets, report)
    predictions, training = np.empty_like(data.y), []
    for number, (group, curve) in enumerate(zip(groups, curves, strict=True)):
        kept = sets.of(number)
        predictions[group] = curve.predict(data.x[group])
        training.append(np.mean(losses_of(one, kept, curve.predict(kept.x))))
    return CrossValidation(
        label=brief(str(one.model)),
        fold=fold,
        errors=losses_of(one, data, predictions),
        predictions=predictions,
        residuals=data.y - predictions,
        training_errors=np.array(training),
        n_untrusted=sum(not curve.is_valid for curve in curves),
        has_scale=not one.estimates_errors,
        method=f"{chosen}, {how}",
    )


def as_fit(fit: Any, y: Any, model: Any, yerr: Any, options: Mapping[str, Any]) -> Fit:
    """The fit that was given, or that of the data that were.

    Raises:
        InvalidOption: A fit was given together with data.
        InvalidType: Neither was.
    """
    if isinstance(fit, Fit):
        if y is not None or model is not None or yerr is not None or options:
            raise InvalidOption("Pass either a fit, or x, y and a model with their options.")
        if not fit.data.reading.is_plain or fit.data.noise.sides is not None:
            raise InvalidOption(
                "Fits with errors on x, with asymmetric errors, or of histograms cannot be "
                "cross-validated yet; compare them by their p-values."
            )
        return fit
    if y is None or model is None:
        raise InvalidType(f"Pass a fit, or x, y and a model; got {type(fit).__name__} alone.")
    return fit_model(fit, y, model, yerr, **options)


def as_folds(folds: Any) -> AbstractFolds:
    """Folds, or as many that are spread over x."""
    return folds if isinstance(folds, AbstractFolds) else StratifiedFolds(folds)


def losses_of(one: Fit, data: Data, predictions: np.ndarray) -> Float[np.ndarray, " n"]:
    """−2 ln L of each point at predictions, outputs added; infinite where it is not defined.

    Args:
        one: The fit whose loss it is.
        data: The points.
        predictions: Shape (n, m).
    """
    loss: AbstractLoss = one.loss
    with np.errstate(all="ignore"):
        errors = np.asarray(loss.pointwise(predictions, data.y, 1 / data.noise.sigma)).sum(axis=1)
    return np.where(np.isnan(errors), np.inf, errors)
