"""An ensemble of refits: a band that knows of other minima and of the curve's own bends."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from surefit.data.checked import check_inputs
from surefit.data.data_sets import with_outputs
from surefit.exceptions import InvalidOption, NotAvailable
from surefit.minimizers.base import Report, silent
from surefit.precision import double_precision
from surefit.report.bands import Band, BandKind
from surefit.report.plain_points import check_plain
from surefit.report.rounding import significant
from surefit.uncertainty.bands import check_level
from surefit.uncertainty.drawing import draw_outputs
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.refitting import cold_refits, origin_of

FEWEST = 5


@dataclasses.dataclass(frozen=True, eq=False)
class Ensemble:
    """Refits to data drawn anew from the fitted curve, each by a search of its own.

    Attributes:
        fit: The fit.
        working: Parameters of each member, shape (k, p).
        n_failed: Members that ended at nothing finite, and are left out.
    """

    fit: FitRecord
    working: np.ndarray
    n_failed: int

    @double_precision
    def predict(self, x: ArrayLike) -> np.ndarray:
        """The members' curves, shape (k, n), or (k, n, m) if y had several outputs.

        Args:
            x: Inputs, shaped like those of the fit.
        """
        curves = self._curves(check_inputs(x, self.fit.data))
        return curves[:, :, 0] if self.fit.data.is_single_output else curves

    @double_precision
    def band(self, x: ArrayLike, level: float = 0.6827) -> Band:
        """Confidence band of the curve at each x by itself, from the spread of the members.

        Args:
            x: Inputs, shaped like those of the fit.
            level: Coverage, between 0 and 1.
        """
        check_level(level)
        fit, x = self.fit, check_inputs(x, self.fit.data)
        with np.errstate(all="ignore"):
            center = np.asarray(fit.model.evaluate(fit.working, x))
        spread = np.sqrt(np.mean((self._curves(x) - center) ** 2, axis=0))
        width, k = fit.quantile(level), len(self.working)
        accuracy = significant(100 / np.sqrt(2 * k), 2)
        notes = (f"{k} members tell the width to {accuracy} %.",)
        if self.n_failed:
            notes += (f"{self.n_failed} member(s) failed and are left out.",)
        ends = (center - width * spread, center + width * spread, center)
        lower, upper, middle = map(fit.shaped, ends)
        covers = "ensemble band of the curve, at each x by itself"
        return Band(lower, upper, BandKind(fit, x, middle, level, width, covers, notes))

    def _curves(self, x: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.stack([np.asarray(self.fit.model.evaluate(w, x)) for w in self.working])

    def __str__(self) -> str:
        """How many members it has."""
        failed = f", {self.n_failed} failed" if self.n_failed else ""
        return f"Ensemble of {len(self.working)} refits of {self.fit.model}{failed}."

    __repr__ = __str__


def ensemble_of(fit: FitRecord, members: int, key: int, progress: Report | None) -> Ensemble:
    """See `Fit.ensemble`."""
    check_plain(fit, "An ensemble")
    if members < FEWEST:
        raise InvalidOption(f"members is {members!r}; give at least {FEWEST}.")
    drawn = draw_outputs(fit, members, np.random.default_rng(key))
    origin, sets, report = origin_of(fit), with_outputs(fit.data, drawn), progress or silent
    found = []
    for member in range(members):
        one = cold_refits(origin, sets, [member], key=key + member)
        found.append(one.working[0])
        report("members of the ensemble", float(member + 1))
    working = np.array(found)
    good = np.isfinite(working).all(axis=1)
    if good.sum() < FEWEST:
        raise NotAvailable(f"Only {int(good.sum())} of {members} refits ended at a finite curve.")
    return Ensemble(fit, working[good], int(np.sum(~good)))
