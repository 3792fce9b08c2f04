"""Columns as a data frame."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from surefit.exceptions import MissingDependency


def frame_of(columns: Mapping[str, np.ndarray]) -> Any:
    """A pandas data frame of columns.

    Raises:
        MissingDependency: pandas is not installed; the columns are a dict away from any other
            kind of data frame.
    """
    try:
        import pandas
    except ImportError:
        raise MissingDependency(
            "A data frame needs pandas, which is not installed: pip install pandas. Any other "
            "kind is made from the columns: {name: fits[name] for name in fits}."
        ) from None
    return pandas.DataFrame(dict(columns))
