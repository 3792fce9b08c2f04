"""The plain records that reports are made of; they know nothing of models or fits."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class ParameterRow:
    """One line of the table of parameters.

    Attributes:
        name: The parameter's flat name, `hidden.weight[0,3]`.
        value: Its value.
        error: One standard deviation; NaN where there is none, then `note` says why.
        note: A remark: "fixed", "at its lower bound", "not determined by the data", or empty.
    """

    name: str
    value: float
    error: float
    note: str = ""


@dataclasses.dataclass(frozen=True)
class FitSummary:
    """Everything that a text or HTML view of one fit shows.

    Attributes:
        model: The model's constructor, `Sigmoids(5)`.
        rows: The parameters in order.
        n_points: Number of points used.
        n_dropped: Masked points that were left out.
        chi2: χ² at the minimum; NaN if no errors were given.
        ndof: Degrees of freedom.
        pvalue: Probability of a larger χ²; NaN if no errors were given.
        rss: Residual sum of squares, in the unit of y squared.
        errors_estimated: Whether the size of the errors on y was estimated from the residuals.
        is_valid: Whether the minimum is to be trusted.
        status: Short name of the outcome, "converged".
        advice: What the outcome means and what to do.
        method: What was used and why, in a sentence.
        evidence: Sentences on how sure we are of the minimum.
        notes: Further sentences: numerical derivatives used, points dropped, lack of fit.
        seconds: Wall time of the fit.
        n_withheld: Parameters that `rows` leaves out because their conversion was refused.
        is_of_counts: Whether y are counts.
    """

    model: str
    rows: tuple[ParameterRow, ...]
    n_points: int
    n_dropped: int
    chi2: float
    ndof: float
    pvalue: float
    rss: float
    errors_estimated: bool
    is_valid: bool
    status: str
    advice: str
    method: str
    evidence: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: float
    n_withheld: int = 0
    is_of_counts: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class Bars:
    """How points are drawn where a position and one error on y do not say it all.

    Attributes:
        pull: How many standard deviations each point is off, shape (n,).
        xerr: One standard deviation of x, shape (n,), or None.
        lengths: Lengths of the error bars downward and upward, shape (2, n); None where both are
            one standard deviation of y.
        edges: Edges of the bins, shape (n + 1,), if the points are bins.
    """

    pull: np.ndarray
    xerr: np.ndarray | None = None
    lengths: np.ndarray | None = None
    edges: np.ndarray | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Curve:
    """What a plot of one fit shows, for one input and one output.

    Attributes:
        label: Legend entry, the model's constructor.
        x: The points' inputs, shape (n,).
        y: The points' outputs, shape (n,).
        yerr: One standard deviation of each point, shape (n,); estimated if none were given.
        predicted: The model at the points, shape (n,).
        curve_x: Inputs of the smooth curve, shape (k,), increasing.
        curve_y: The model there, shape (k,).
        lower: Lower end of the band there, shape (k,), or None.
        upper: Upper end of the band there, shape (k,), or None.
        band_label: What the band is: "68.3 % confidence band".
        is_beyond: Where the curve leaves the data, shape (k,), or None: nowhere.
        outer_lower: Lower end of a band of new points there, shape (k,), or None.
        outer_upper: Upper end of it, shape (k,), or None.
        outer_label: What that band is: "68.3 % prediction band".
        bars: More on the points; None if x is exact and the pull is (y − predicted)/yerr.
    """

    label: str
    x: np.ndarray
    y: np.ndarray
    yerr: np.ndarray
    predicted: np.ndarray
    curve_x: np.ndarray
    curve_y: np.ndarray
    lower: np.ndarray | None = None
    upper: np.ndarray | None = None
    band_label: str = "68.3 % confidence band"
    is_beyond: np.ndarray | None = None
    outer_lower: np.ndarray | None = None
    outer_upper: np.ndarray | None = None
    outer_label: str = ""
    bars: Bars | None = None

    @property
    def pull(self) -> np.ndarray:
        """How many standard deviations each point is off, shape (n,)."""
        return (self.y - self.predicted) / self.yerr if self.bars is None else self.bars.pull
