"""Error against the number of points fitted: would more points help?"""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from surefit.annotations import Float
from surefit.data.data_sets import left_out
from surefit.data.splits import taken
from surefit.exceptions import InvalidOption, TooFewPoints
from surefit.many.frames import frame_of
from surefit.minimizers.base import Report, silent
from surefit.precision import double_precision
from surefit.report.rounding import rounded, significant
from surefit.report.series_table import SQUARED, UNIT, series_html, series_text
from surefit.report.wording import brief
from surefit.result import Fit
from surefit.selection.cross_validation import as_fit, losses_of
from surefit.selection.refits import AbstractRefit, Cold, refuse_dependent_points

# Sizes of a learning curve, and the share of the points kept for validation.
N_SIZES, VALIDATION = 8, 0.2
# Share of the error that the gap may still be, as far as is known, where both are called the same.
UNCERTAIN = 0.5


@dataclasses.dataclass(frozen=True, eq=False)
class LearningCurve:
    """Errors against the number of points that a model was fitted to; print it, plot it.

    Attributes:
        label: The model's constructor.
        sizes: Points in the fits, shape (k,).
        training: Mean loss of the points fitted, shape (k, repeats).
        validation: Mean loss of points not fitted, shape (k, repeats).
        has_scale: Whether the loss has a scale, so that noise leaves about 1.
        n_untrusted: Fits whose minimum is not to be trusted.
    """

    label: str
    sizes: np.ndarray
    training: Float[np.ndarray, "k r"]
    validation: Float[np.ndarray, "k r"]
    has_scale: bool
    n_untrusted: int

    @property
    def verdict(self) -> str:
        """Whether more points would help, or only another model."""
        last = self.validation[-1] - self.training[-1]
        gap, error = float(np.mean(last)), _standard_error(last)
        level = float(np.mean(self.validation[-1]))
        if gap > max(2 * error, 0.05 * level):
            return (
                f"Points not fitted still miss by {significant(gap)} more than points fitted: more "
                "points would help, and so might a model with fewer parameters."
            )
        if gap + 2 * error > UNCERTAIN * level:
            return (
                f"Points not fitted miss by {rounded(gap, error).text()} more than points fitted, "
                "too uncertain to say whether more points would help; take more repeats."
            )
        said = "Points fitted and points not fitted miss by the same: more points will not help."
        if self.has_scale and level - 1 > 3 * _standard_error(self.validation[-1]) + 0.1:
            return f"{said} They miss by more than noise does: the model is too stiff."
        return said

    def plot(self, **options: Any):
        """Draw both errors against the number of points.

        Args:
            **options: `title`.

        Returns:
            A matplotlib figure.
        """
        from surefit.report.error_curves import learning_figure  # slow to import

        return learning_figure(self, **options)

    def to_frame(self):
        """One row for each size, as a pandas data frame.

        Raises:
            MissingDependency: pandas is not installed.
        """
        return frame_of(self._columns)

    @property
    def _columns(self) -> dict[str, Any]:
        return {
            "points": self.sizes,
            "training": self.training.mean(axis=1),
            "training_error": np.apply_along_axis(_standard_error, 1, self.training),
            "validation": self.validation.mean(axis=1),
            "validation_error": np.apply_along_axis(_standard_error, 1, self.validation),
        }

    @property
    def _views(self) -> tuple[str, list[str], list[list[str]], list[str]]:
        found = self._columns
        rows = [
            [f"{size}", rounded(a, b).text(), rounded(c, d).text()]
            for size, a, b, c, d in zip(*found.values(), strict=True)
        ]
        said = [self.verdict, f"Errors: {UNIT if self.has_scale else SQUARED}."]
        said += _untrusted(self.n_untrusted, self.training.size)
        return f"Learning curve of {self.label}", ["points", "fitted", "not fitted"], rows, said

    def __str__(self) -> str:
        return series_text(*self._views)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return series_html(*self._views)


@double_precision
def learning_curve(
    fit: Any,
    y: Any = None,
    model: Any = None,
    yerr: Any = None,
    *,
    sizes: Sequence[int] | None = None,
    repeats: int = 5,
    refits: AbstractRefit | None = None,
    key: int = 0,
    progress: Report | None = None,
    **options: Any,
) -> LearningCurve:
    """Fit a model to more and more of the points, and see how it predicts others.

    A fifth of the points, drawn at random for each repeat, is kept for validation; the fits are
    to parts of the rest, each containing the one before (Hastie, Tibshirani and Friedman 2009,
    section 7.2). A model too stiff has both errors high and equal; one too flexible for so few
    points has a gap between them, which more points close.

    Args:
        fit: A fit; or x, and then y, model and yerr as for `sf.fit`.
        y: Outputs, where x is given instead of a fit.
        model: The model then.
        yerr: Errors on y then.
        sizes: Numbers of points; by default eight, in equal ratios from twice the number of
            parameters to four fifths of the points.
        repeats: How often, with other points.
        refits: `Cold()`, the default, or `Warm()`; see `cross_validate`.
        key: Seed of the points drawn.
        progress: Called with what is being done.
        **options: Others that `sf.fit` takes, where x is given.

    Raises:
        InvalidOption: A size does not leave points to validate with, or repeats is below 2.
        NotAvailable: Errors are correlated, or the model needs all points at once.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0.0, 1.0, 100)
        >>> y = 2.0 * x + 0.1 * np.cos(40.0 * x)
        >>> curve = sf.learning_curve(x, y, sf.Line(), 0.1, sizes=[10, 80])
        >>> curve.validation.shape
        (2, 5)
    """
    one = as_fit(fit, y, model, yerr, options)
    refuse_dependent_points(one)
    chosen = _checked_sizes(one, sizes)
    if repeats < 2:
        raise InvalidOption(f"repeats is {repeats}; give at least 2, to know the spread.")
    n, rng, how = one.data.n_points, np.random.default_rng(key), refits or Cold()
    orders = [rng.permutation(n) for _ in range(repeats)]
    n_kept = max(min(round(VALIDATION * n), n - chosen[-1]), 1)
    # Each repeat leaves the same points out at all sizes: first those kept, then what is too much.
    groups = [order[: n - size] for size in chosen for order in orders]
    sets = left_out(one.data, groups)
    curves = how.refit(one, sets, progress or silent)
    training, validation = np.empty(len(curves)), np.empty(len(curves))
    for row, curve in enumerate(curves):
        part, other = sets.of(row), taken(one.data, orders[row % repeats][:n_kept])
        training[row] = np.mean(losses_of(one, part, curve.predict(part.x)))
        validation[row] = np.mean(losses_of(one, other, curve.predict(other.x)))
    shape = (len(chosen), repeats)
    training, validation = training.reshape(shape), validation.reshape(shape)
    n_untrusted = sum(not curve.is_valid for curve in curves)
    has_scale = not one.estimates_errors
    return LearningCurve(
        brief(str(one.model)), chosen, training, validation, has_scale, n_untrusted
    )


def _checked_sizes(one: Fit, sizes: Sequence[int] | None) -> np.ndarray:
    n, least = one.data.n_points, max(len(one.names), 2)
    most = n - max(round(VALIDATION * n), 1)
    if sizes is None:
        if most < least:
            raise TooFewPoints(
                f"{n} points are too few for a learning curve of a model with {least} parameters."
            )
        return np.unique(np.geomspace(min(2 * least, most), most, N_SIZES).round().astype(int))
    chosen = np.unique(np.asarray(sizes, dtype=int))
    if not len(chosen) or chosen[0] < least or chosen[-1] >= n:
        raise InvalidOption(
            f"sizes are {list(sizes)}; give numbers of points from {least} to {n - 1}, so that the "
            "model can be fitted and points are left to validate with."
        )
    return chosen


def _standard_error(values: np.ndarray) -> float:
    return float(np.std(values, ddof=1) / math.sqrt(len(values)))


def _untrusted(number: int, total: int) -> list[str]:
    return [f"{number} of {total} fits are not to be trusted."] if number else []
