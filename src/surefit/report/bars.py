"""How the points of a fit are drawn where equal errors on y do not say it all."""

import dataclasses

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.data.checked import Data
from surefit.report.summary import Bars, Curve
from surefit.uncertainty.fit_record import FitRecord


def bars_of(fit: FitRecord) -> Bars:
    """Error bars and pulls of the points of a fit with one input and one output.

    A pull is what the fit minimizes the square of: with errors on x it counts both, and for counts
    it is in units of √μ, μ being what is expected (Pearson's residual).

    Args:
        fit: The fit.
    """
    data, reading, loss = fit.data, fit.data.reading, fit.loss
    weight = loss.weight(data.y, data.noise)
    with np.errstate(all="ignore"):
        compared = np.asarray(
            reading.compared(fit.model, fit.working, data.x, data.y, weight, data.extent)
        )
        sigma = np.sqrt(np.asarray(loss.variance(compared, weight))) * fit.error_scale
        pull = ((data.y - compared) / sigma)[:, 0]
    xerr = edges = None
    if data.extent is not None and reading.is_error:
        xerr = data.extent[:, 0]
    elif data.extent is not None:
        half = data.extent[:, 0] / 2
        edges = np.append(data.inputs[:, 0] - half, data.inputs[-1, 0] + half[-1])
    lengths = garwood_lengths(data.y[:, 0]) if loss.is_of_counts else None
    if data.noise.sides is not None:
        lengths = data.noise.sides[:, 0].T
        with np.errstate(all="ignore"):
            size = np.sqrt(np.asarray(loss.pointwise(compared, data.y, weight)))
        pull = (np.sign(data.y - compared) * size)[:, 0]
    return Bars(pull=pull, xerr=xerr, lengths=lengths, edges=edges)


def garwood_lengths(counts: np.ndarray) -> np.ndarray:
    """Lengths of the error bars of counts, downward and upward, shape (2, n).

    They end where the count would be as low, or as high, by chance in 16 % of all cases: the
    central interval of Garwood 1936, Biometrika 28, 437. An empty bin has one upward only.

    Example:
        >>> garwood_lengths(np.array([0.0, 4.0])).round(2).tolist()
        [[0.0, 1.91], [1.84, 3.16]]
    """
    tail = scipy.special.ndtr(-1.0)
    lower = np.where(counts > 0, scipy.special.gammaincinv(np.maximum(counts, 1e-9), tail), 0.0)
    upper = scipy.special.gammaincinv(counts + 1, 1 - tail)
    return np.stack([np.maximum(counts - lower, 0.0), upper - counts])


def in_bins(curve: Curve, data: Data) -> Curve:
    """A curve over bins: the density times their width, or steps where widths differ.

    Args:
        curve: That of the density.
        data: The histogram.
    """
    assert curve.bars is not None
    assert curve.bars.edges is not None
    assert data.extent is not None
    width, edges = data.extent[:, 0], curve.bars.edges
    is_density = data.reading.at_points(data.y, data.noise.sigma, data.extent) is not None
    if is_density and np.ptp(width) <= 1e-9 * width.max():
        names = ("curve_y", "lower", "upper", "outer_lower", "outer_upper")
        drawn = {name: getattr(curve, name) for name in names}
        scaled = {name: None if a is None else a * width[0] for name, a in drawn.items()}
        return dataclasses.replace(curve, **scaled)
    x, y = np.repeat(edges, 2)[1:-1], np.repeat(curve.predicted, 2)
    bands = dict.fromkeys(("lower", "upper", "outer_lower", "outer_upper", "is_beyond"))
    return dataclasses.replace(curve, curve_x=x, curve_y=y, **bands)
