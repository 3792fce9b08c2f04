"""The few points that decide the fit most, left out by refitting."""

import numpy as np

from surefit.data.data_sets import left_out
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.refitting import origin_of, warm_refits


def residuals_without(fit: FitRecord, rows: list[int]) -> dict[int, np.ndarray]:
    """y of single points less what the fit of all others predicts there, shape (m,), by place.

    Args:
        fit: The fit, from whose minimum the others are fitted again.
        rows: The points' places in the data.

    Returns:
        The residuals of those points without which a fit ended well.
    """
    data = fit.data
    found = warm_refits(origin_of(fit), left_out(data, [[row] for row in rows]))
    residuals = {}
    for row, working, is_good in zip(rows, found.working, found.is_good, strict=True):
        with np.errstate(all="ignore"):
            prediction = np.asarray(fit.model.evaluate(working, data.x[row : row + 1]))[0]
        if is_good and np.isfinite(prediction).all():
            residuals[row] = data.y[row] - prediction
    return residuals
