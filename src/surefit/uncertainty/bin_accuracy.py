"""Whether the integrals over bins are exact enough."""

import numpy as np

from surefit.uncertainty.fit_record import FitRecord

# Change of a bin's expected content, in units of its error, from which more points are needed:
# a tenth of what moves a fit of a hundred bins visibly.
INEXACT = 0.01


def accuracy_note(fit: FitRecord) -> list[str]:
    """Say so if twice as many points in each bin change what is expected there.

    Args:
        fit: A `Fit` of a histogram.

    Returns:
        One sentence, or none.
    """
    data, finer = fit.data, fit.data.reading.finer()
    if finer is None or not np.isfinite(fit.working).all():
        return []
    with np.errstate(all="ignore"):
        there = np.asarray(finer.expected(fit.model, fit.working, data.x, data.extent))
        change = np.abs(there - fit.expected.reshape(there.shape)) / data.noise.sigma
    worst = int(np.argmax(np.nan_to_num(change, nan=np.inf)))
    if not change.flat[worst] > INEXACT:
        return []
    return [
        f"The integral over bin {worst} is not exact: twice as many points change it by "
        f"{change.flat[worst]:.2g} of its error. Pass bins=sf.{finer}."
    ]
