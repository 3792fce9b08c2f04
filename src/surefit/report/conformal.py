"""Conformal bands of a fit: the refits are made once, then bands of any level are read off."""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from surefit.data.checked import check_inputs
from surefit.data.data_sets import left_out
from surefit.exceptions import InvalidType, NotAvailable
from surefit.minimizers.base import Report, silent
from surefit.precision import double_precision
from surefit.report.bands import Band, BandKind
from surefit.report.plain_points import check_plain
from surefit.uncertainty.bands import check_level
from surefit.uncertainty.conformal import AbstractConformal, CVPlus
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.prediction import new_error
from surefit.uncertainty.refitting import cold_refits, origin_of


@dataclasses.dataclass(frozen=True, eq=False)
class Conformal:
    """Refits and how far each left-out point was off its curve; ask it for bands.

    Attributes:
        fit: The fit.
        method: How points were set apart.
        working: Parameters of each refit, shape (k, p).
        refit: Which refit did not see each calibration point, shape (c,).
        scores: How far each was off, in units of its error, shape (c, m).
    """

    fit: FitRecord
    method: AbstractConformal
    working: np.ndarray
    refit: np.ndarray
    scores: np.ndarray

    @double_precision
    def band(self, x: ArrayLike, level: float = 0.9, *, yerr: Any = None) -> Band:
        """The band in which a new point lies with at least the guaranteed probability.

        Args:
            x: Inputs, shaped like those of the fit.
            level: Coverage wanted, between 0 and 1.
            yerr: One standard deviation of a new y, as in `Fit.prediction_band`: the band is wider
                where that is larger.

        Returns:
            Lower and upper end; infinite where there are too few points for the level.
        """
        check_level(level)
        fit = self.fit
        x = check_inputs(x, fit.data)
        sigma = new_error(fit.data.noise, 1.0, x, yerr)
        with np.errstate(all="ignore"):
            curves = np.stack([np.asarray(fit.model.evaluate(w, x)) for w in self.working])
        lower, upper = self.method.ends(curves[self.refit], self.scores[:, None] * sigma, level)
        notes = (self._promise(level), EXCHANGEABLE)
        if not np.isfinite(upper).all():
            notes += (f"{len(self.scores)} points set apart are too few for this level.",)
        covers = f"conformal band of a new point, {self.method}"
        with np.errstate(invalid="ignore"):  # the ends may be infinite
            center = (lower + upper) / 2
        shaped = [fit.shaped(end) for end in (lower, upper, center)]
        kind = BandKind(fit, x, shaped[2], level, float("nan"), covers, notes)
        return Band(shaped[0], shaped[1], kind)

    def _promise(self, level: float) -> str:
        least = self.method.guarantee(len(self.scores), level)
        if least >= level:
            return f"It covers at least {100 * level:.4g} % whatever the noise and the model are."
        return (
            f"It covers about {100 * level:.4g} % as a rule, and at least {100 * least:.3g} % "
            "whatever the noise and the model are."
        )

    def __str__(self) -> str:
        """How many refits, and what is promised."""
        count = f"{len(self.working)} refit{'s' if len(self.working) != 1 else ''}"
        n = len(self.scores)
        return f"{self.method}: {count}, {n} points that they did not see. Ask for .band(x, level)."

    __repr__ = __str__


EXCHANGEABLE = (
    "That is for a new point drawn like the others, x included: not at each x by itself, and not "
    "beyond the data."
)


def conformal_of(
    fit: FitRecord, method: AbstractConformal | None, key: int, progress: Report | None
) -> Conformal:
    """See `Fit.conformal`."""
    method = CVPlus() if method is None else method
    if not isinstance(method, AbstractConformal):
        raise InvalidType(
            f"method is a {type(method).__name__}; pass sf.CVPlus(10) or sf.SplitConformal(0.5)."
        )
    check_plain(fit, "A conformal band")
    if fit.data.noise.covariance is not None:
        raise NotAvailable(
            "Conformal bands need points that could be exchanged; these have correlated errors."
        )
    if not fit.model.is_pointwise:
        raise NotAvailable("The function mixes its x values, so no point can be left out of it.")
    groups = method.groups(fit.data.n_points, np.random.default_rng(key))
    # From no start: the fit itself has seen the points that are left out, and would tell of them.
    sets = left_out(fit.data, groups)
    refits = cold_refits(origin_of(fit), sets, key=key, report=progress or silent)
    if not np.isfinite(refits.working).all():
        raise NotAvailable(
            "A refit to a part of the points failed: too few points for so many parameters, or "
            "values that are not finite. Set fewer points apart."
        )
    scores = []
    for group, working in zip(groups, refits.working, strict=True):
        with np.errstate(all="ignore"):
            curve = np.asarray(fit.model.evaluate(working, fit.data.x[group]))
        scores.append(np.abs(fit.data.y[group] - curve) / fit.data.noise.sigma[group])
    which = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return Conformal(fit, method, refits.working, which, np.concatenate(scores))
