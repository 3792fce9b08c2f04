"""Toys: what would be measured if the fit were the truth, constraints included."""

import numpy as np

from surefit.data.data_sets import DataSets
from surefit.uncertainty.drawing import draw_outputs
from surefit.uncertainty.fit_record import FitRecord


def drawn_toys(fit: FitRecord, k: int, rng: np.random.Generator) -> DataSets:
    """Draw data sets from the fitted model with the errors of the fit (parametric bootstrap).

    Normal errors of the given size and correlation, or counts, as the loss has them. What Gaussian
    constraints measured is drawn too, as it would be measured again. Source: Efron 1979, Ann.
    Statist. 7, 1; Davison and Hinkley 1997, Bootstrap Methods and their Application, section 2.2.

    Args:
        fit: A `Fit`.
        k: How many.
        rng: Source of randomness.

    Raises:
        NotAvailable: The size of the errors is not known.
    """
    y, gaussian, targets = draw_outputs(fit, k, rng), fit.constraints.gaussian, None
    if len(gaussian):
        targets = gaussian.rows @ fit.working + rng.standard_normal((k, len(gaussian)))
    return DataSets(fit.data, y, None, targets)
