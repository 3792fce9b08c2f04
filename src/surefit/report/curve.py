"""The curve of a fit, as a plain record for plotting."""

from typing import Any, Protocol

import numpy as np

from surefit.data.checked import Data
from surefit.exceptions import NotAvailable
from surefit.report.summary import Curve


class Curved(Protocol):
    """What a fit must offer to be drawn."""

    @property
    def data(self) -> Data: ...

    @property
    def model(self) -> Any: ...

    @property
    def error_scale(self) -> float: ...

    def predict(self, x: Any) -> np.ndarray: ...

    def band(self, x: Any, level: float) -> tuple[np.ndarray, np.ndarray]: ...


def curve_of(fit: Curved, n_points: int, level: float | None) -> Curve:
    """The data, the fitted curve and its band.

    Args:
        fit: The fit.
        n_points: How many points the smooth curve has.
        level: Coverage of the band, or None for none.

    Returns:
        The record that plots are made of.

    Raises:
        NotAvailable: The fit has several inputs or outputs; there is no one curve to draw.
    """
    data = fit.data
    if data.n_inputs != 1 or data.n_outputs != 1:
        raise NotAvailable(
            f"A curve needs one input and one output; this fit has {data.n_inputs} and "
            f"{data.n_outputs}. Use predict() on a slice."
        )
    flat = data.inputs[:, 0]
    if fit.model.is_pointwise:
        grid = np.linspace(flat.min(), flat.max(), n_points)
        # The data's own x as well, so that steps between neighboring points show where they are.
        grid = np.unique(np.concatenate([grid, flat])) if data.n_points <= n_points else grid
        x = grid if data.x.ndim == 1 else grid[:, None]
    else:
        grid, x = flat, data.x
    center = fit.predict(x).reshape(-1)
    lower, upper = fit.band(x, level) if level else (None, None)
    order = np.argsort(grid, kind="stable")
    return Curve(
        label=str(fit.model),
        x=flat,
        y=data.y[:, 0],
        yerr=data.noise.sigma[:, 0] * fit.error_scale,
        predicted=fit.predict(data.x).reshape(-1),
        curve_x=grid[order],
        curve_y=center[order],
        lower=None if lower is None else lower.reshape(-1)[order],
        upper=None if upper is None else upper.reshape(-1)[order],
        band_label=f"{100 * level:.3g} % confidence band" if level else "",
    )
