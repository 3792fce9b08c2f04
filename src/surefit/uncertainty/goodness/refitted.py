"""Pulls as they would be if model and errors were right: of toys that are fitted as the data."""

import dataclasses

import numpy as np

from surefit.annotations import Float
from surefit.data.data_sets import with_outputs
from surefit.exceptions import InvalidOption, NotAvailable
from surefit.minimizers.base import Report, silent
from surefit.uncertainty.drawing import draw_outputs
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.goodness.pulls import pulls_of
from surefit.uncertainty.refitting import cold_refits, origin_of, warm_refits

FEWEST = 99


def refitted_pulls(
    fit: FitRecord, n_toys: int, *, cold: bool, key: int, report: Report | None = None
) -> Float[np.ndarray, "k n m"]:
    """Pulls of toys of a fit, each refitted.

    The parametric bootstrap; Stute, González Manteiga and Presedo Quindimil 1993, Metrika 40, 243,
    show that it calibrates tests of distributions whose parameters were fitted.

    Args:
        fit: A `Fit`.
        n_toys: How many.
        cold: Whether each is fitted by a search from no start; else downhill from the fit.
        key: Seed.
        report: Called with what is being done.

    Returns:
        The pulls, points in the order of `pulls_of`; toys whose refit failed are left out.

    Raises:
        InvalidOption: There are too few toys for a probability of one in a hundred.
        NotAvailable: Constraint terms were measured once, too; or too many refits failed.
    """
    if n_toys < FEWEST:
        raise InvalidOption(f"toys is {n_toys!r}; give at least {FEWEST}.")
    if len(fit.constraints.gaussian):
        raise NotAvailable(
            "The toys of a fit with Gaussian constraints are not refitted: what was measured "
            "elsewhere would have to be drawn anew as well. Use fit.goodness."
        )
    drawn = draw_outputs(fit, n_toys, np.random.default_rng(key))
    origin, sets, report = origin_of(fit), with_outputs(fit.data, drawn), report or silent
    if cold:
        refits = cold_refits(origin, sets, key=key, report=report)
    else:
        refits = warm_refits(origin, sets, report=report)
    pulls = []
    for row in np.flatnonzero(np.isfinite(refits.value)):
        toy = dataclasses.replace(
            *(fit,),
            data=sets.of(int(row)),
            working=refits.working[row],
            deviance=float(refits.value[row]),
        )
        pulls.append(pulls_of(toy).values)
    if len(pulls) < 0.9 * n_toys:
        raise NotAvailable(
            f"{n_toys - len(pulls)} of {n_toys} refits failed, too many to calibrate anything."
        )
    return np.stack(pulls)
