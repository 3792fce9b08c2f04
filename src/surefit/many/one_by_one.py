"""Rows that are fitted one by one: those that cannot be a batch, and those left in doubt."""

from collections.abc import Callable

import numpy as np

from surefit.exceptions import SurefitError
from surefit.result import Fit

FitRow = Callable[[int], Fit]
"""Row of the samples → its fit."""


def fits_of(rows: np.ndarray, fit_row: FitRow, done: Callable[[int], None]) -> dict[int, Fit | str]:
    """Fit rows one after another.

    Args:
        rows: Which.
        fit_row: How.
        done: Called with how many are done; it may raise KeyboardInterrupt to stop.

    Returns:
        The fit of each row, or why it has none.
    """
    found: dict[int, Fit | str] = {}
    for count, row in enumerate(rows):
        try:
            found[int(row)] = fit_row(int(row))
        except SurefitError as error:
            found[int(row)] = str(error)
        done(count + 1)
    return found
