"""The curve of a fit, as a plain record for plotting."""

from typing import Any

import numpy as np

from surefit.exceptions import InvalidOption, NotAvailable
from surefit.report.bands import confidence_band, prediction_band
from surefit.report.bars import bars_of, in_bins
from surefit.report.summary import Curve
from surefit.uncertainty.fit_record import FitRecord


def curve_of(
    fit: FitRecord,
    n_points: int,
    level: float | None,
    *,
    simultaneous: bool = False,
    prediction: bool = False,
    yerr: Any = None,
    x_range: tuple[float, float] | None = None,
) -> Curve:
    """The data, the fitted curve and its bands.

    Args:
        fit: The fit.
        n_points: How many points the smooth curve has.
        level: Coverage of the bands, or None for none.
        simultaneous: Whether the confidence band is that of the whole curve.
        prediction: Whether there is a band of new points as well.
        yerr: The error of these; see `Fit.prediction_band`.
        x_range: Where the curve begins and ends; by default with the data.

    Returns:
        The record that plots are made of.

    Raises:
        NotAvailable: The fit has several inputs or outputs; there is no one curve to draw.
        InvalidOption: The range is none, or the function has values at the data's own x only.
    """
    data = fit.data
    if data.n_inputs != 1 or data.n_outputs != 1:
        raise NotAvailable(
            f"A curve needs one input and one output; this fit has {data.n_inputs} and "
            f"{data.n_outputs}. Use predict() on a slice."
        )
    x = _grid(fit, n_points, x_range)
    order = np.argsort(x.reshape(-1), kind="stable")

    def along(values: np.ndarray) -> np.ndarray:
        return values.reshape(-1)[order]

    lower = upper = outer_lower = outer_upper = None
    if level is not None:
        lower, upper = map(along, confidence_band(fit, x, level, simultaneous, everywhere_=False))
    if level is not None and prediction:
        outer = prediction_band(fit, x, yerr, level, simultaneous=False)
        outer_lower, outer_upper = map(along, outer)
    flat = along(x)
    # Where the curve is less certain between two points is seen by the band itself.
    beyond = (flat < data.inputs.min()) | (flat > data.inputs.max())
    what = "confidence band of the whole curve" if simultaneous else "confidence band"
    curve = Curve(
        label=str(fit.model),
        x=data.inputs[:, 0],
        y=data.y[:, 0],
        yerr=data.noise.sigma[:, 0] * fit.error_scale,
        predicted=fit.expected.reshape(-1),
        curve_x=flat,
        curve_y=along(fit.predict(x)),
        lower=lower,
        upper=upper,
        band_label=f"{100 * level:.3g} % {what}" if level else "",
        is_beyond=beyond,
        outer_lower=outer_lower,
        outer_upper=outer_upper,
        outer_label=f"{100 * level:.3g} % prediction band" if level and prediction else "",
        bars=bars_of(fit),
    )
    return curve if curve.bars is None or curve.bars.edges is None else in_bins(curve, data)


def _grid(fit: FitRecord, n_points: int, x_range: tuple[float, float] | None) -> np.ndarray:
    """Where the curve is drawn, in the shape of the data's x; in their order, if that matters."""
    x = fit.data.inputs[:, 0]
    low, high = (x.min(), x.max()) if x_range is None else map(float, x_range)
    if not (np.isfinite([low, high]).all() and low < high) and x_range is not None:
        raise InvalidOption(f"x_range is {x_range!r}; give the two ends, the lower first.")
    if fit.model.is_pointwise:
        grid = np.linspace(low, high, n_points)
        # The data's own x as well, so that steps between neighboring points show where they are.
        inside = x[(x >= low) & (x <= high)]
        flat = np.union1d(grid, inside) if fit.data.n_points <= n_points else grid
    elif x_range is None:
        flat = x
    else:
        raise InvalidOption(
            "The function mixes its x values, so it is only drawn at those of the data; leave "
            "x_range out."
        )
    return flat.reshape((-1, *fit.data.x.shape[1:]))
