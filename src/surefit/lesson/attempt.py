"""The record of one attempt at the lesson's problem, whoever made it."""

import dataclasses
from collections.abc import Callable

import numpy as np
import scipy.stats

from surefit.lesson.sample import Array, Sample
from surefit.report.summary import Curve
from surefit.result import Fit

OURS = "surefit"
THEIRS = "lesson"


@dataclasses.dataclass(frozen=True, eq=False)
class Attempt:
    """One way to describe a sample, and how well it went.

    Attributes:
        key: Name of its figure's file and of its entry in the JSON document.
        title: What was tried, in a few words.
        by: `"surefit"`, or `"lesson"` for what the lesson did.
        method: How it was fitted, in a few words.
        chi2: χ² where it ended; infinite if nothing finite was found.
        n_parameters: How many parameters were fitted.
        n_points: How many points there were.
        seconds: Wall time of all its tries.
        is_valid: What the fitter itself says of the result; None if it says nothing.
        predict: The fitted function, from x of shape (n,) to shape (n,).
        values: Fitted values by name; empty where the names would say nothing.
        ends: χ² at which each of several tries ended; empty if there was only one.
        fit: Our own result; None for others.
    """

    key: str
    title: str
    by: str
    method: str
    chi2: float
    n_parameters: int
    n_points: int
    seconds: float
    is_valid: bool | None
    predict: Callable[[Array], Array]
    values: dict[str, float] = dataclasses.field(default_factory=dict)
    ends: tuple[float, ...] = ()
    fit: Fit | None = None

    @property
    def ndof(self) -> float:
        """Degrees of freedom: points less parameters that the data determine."""
        return self.n_points - self.n_parameters if self.fit is None else self.fit.ndof

    @property
    def pvalue(self) -> float:
        """Probability that chance alone makes χ² as large or larger."""
        return float(scipy.stats.chi2.sf(self.chi2, self.ndof))

    def curve(self, sample: Sample, *, n_grid: int = 1000) -> Curve:
        """What a figure shows of it.

        Args:
            sample: The points it was fitted to.
            n_grid: How many points the smooth curve has.
        """
        grid = np.linspace(sample.x.min(), sample.x.max(), n_grid)
        lower, upper = None, None
        if self.fit is not None:
            lower, upper = self.fit.band(grid, 0.6827)
        errors = np.full(len(sample.x), sample.yerr)
        return Curve(
            self.title,
            sample.x,
            sample.y,
            errors,
            self.predict(sample.x),
            grid,
            self.predict(grid),
            lower,
            upper,
        )

    def document(self) -> dict[str, object]:
        """What the JSON document says of it."""
        return {
            "key": self.key,
            "title": self.title,
            "by": self.by,
            "method": self.method,
            "chi2": self.chi2,
            "n_parameters": self.n_parameters,
            "ndof": self.ndof,
            "pvalue": self.pvalue,
            "seconds": self.seconds,
            "valid": self.is_valid,
            "values": dict(self.values),
            "ends": list(self.ends),
        }


def attempt_of_fit(key: str, title: str, fit: Fit, method: str = "") -> Attempt:
    """The record of one of our own fits.

    Args:
        key: See `Attempt`.
        title: See `Attempt`.
        fit: The result.
        method: In a few words; the default is the first words of the fit's own sentence.
    """
    return Attempt(
        key=key,
        title=title,
        by=OURS,
        method=method or fit.method.split(":")[0].split(",")[0],
        chi2=fit.chi2,
        n_parameters=len(fit.names),
        n_points=fit.data.y.size,
        seconds=fit.seconds,
        is_valid=fit.valid,
        predict=fit.predict,
        values=dict(fit.values),
        fit=fit,
    )
