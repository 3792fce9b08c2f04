"""Data checked once at the door: everything behind it can rely on shapes and finite numbers."""

import dataclasses
from typing import Any

import numpy as np

from surefit.annotations import Float
from surefit.data.arrays import as_float_array
from surefit.data.noise import LARGEST, Noise, check_noise
from surefit.data.reading import AbstractReading, AtPoints
from surefit.exceptions import DataError, InvalidErrors, NotFinite, ShapeMismatch


@dataclasses.dataclass(frozen=True, eq=False)
class Data:
    """One checked sample.

    Attributes:
        x: Inputs in the shape given, (n,) or (n, d), float64, finite.
        y: Outputs, shape (n, m), float64, finite.
        noise: The errors on y and whether the user gave them.
        is_single_output: Whether y was given with shape (n,), so that predictions leave like it.
        n_dropped: Points dropped because they were masked in a masked array.
        reading: How points are compared with a curve.
        extent: What the reading needs to know of each point along each input, shape (n, d): its
            error, or the width of its bin; None if nothing.
    """

    x: np.ndarray
    y: Float[np.ndarray, "n m"]
    noise: Noise
    is_single_output: bool = True
    n_dropped: int = 0
    reading: AbstractReading = dataclasses.field(default_factory=AtPoints)
    extent: Float[np.ndarray, "n d"] | None = None

    @property
    def n_points(self) -> int:
        """Number of points."""
        return self.y.shape[0]

    @property
    def n_outputs(self) -> int:
        """Number of outputs, M."""
        return self.y.shape[1]

    @property
    def n_inputs(self) -> int:
        """Number of inputs, D."""
        return 1 if self.x.ndim == 1 else self.x.shape[1]

    @property
    def inputs(self) -> Float[np.ndarray, "n d"]:
        """x with shape (n, d), also where it was given as (n,)."""
        return self.x.reshape(self.n_points, self.n_inputs)

    def sample(self, chosen: np.ndarray) -> "Data":
        """Some of the points, each standing for several: with errors as if averaged of so many.

        Args:
            chosen: Their indices.
        """
        root = np.sqrt(self.n_points / len(chosen))
        extent = self.extent
        if extent is not None:
            extent = extent[chosen] / (root if self.reading.is_error else 1.0)
        noise = self.noise.sample(chosen, root)
        return dataclasses.replace(
            self, x=self.x[chosen], y=self.y[chosen], noise=noise, extent=extent
        )

    def plain(self) -> "Data":
        """The data as if measured at x, without errors on x or bins: to find where to start."""
        found = self.reading.at_points(self.y, self.noise.sigma, self.extent)
        if self.reading.is_plain or found is None:
            return self
        noise = dataclasses.replace(self.noise, sigma=found[1])
        return dataclasses.replace(self, y=found[0], noise=noise, reading=AtPoints(), extent=None)


def check_data(x: Any, y: Any, yerr: Any = None, xerr: Any = None) -> Data:
    """Check a sample and bring it into one form.

    Args:
        x: Inputs, shape (n,) or (n, d): lists, NumPy or JAX arrays, data-frame columns.
        y: Outputs, shape (n,) or (n, m).
        yerr: One standard deviation of y, in its unit: a scalar, (n,), (n, m), or for one output
            an (n, n) covariance; `None` if unknown.
        xerr: One standard deviation of x: a scalar, (n,), or (n, d); `None` if x is exact.

    Returns:
        The checked data, to be read at its points. Points masked in a NumPy masked array are
        dropped and counted.

    Raises:
        ShapeMismatch: Shapes do not fit together.
        NotFinite: A value is NaN or infinite; the message says how many and where.
        InvalidErrors: An error is zero or negative, or the covariance is not positive definite.
        InvalidType: Something is not an array of real numbers.

    Example:
        >>> data = check_data([1, 2, 3], [1.0, 2.0, 2.5], 0.1)
        >>> data.n_points, data.n_inputs, data.n_outputs
        (3, 1, 1)
    """
    x, x_mask = as_float_array(x, "x")
    y, y_mask = as_float_array(y, "y")
    _check_dimensions(x, y)
    keep = ~(_rows(x_mask, x) | _rows(y_mask, y))
    n_dropped = int(np.sum(~keep))
    if n_dropped == keep.size:
        raise DataError("Every point is masked; unmask some points of x and y.")
    noise = check_noise(yerr, y, keep)
    extent = None if xerr is None else check_extent(xerr, x, keep)
    x, y = x[keep], y[keep]
    _check_finite(x, "x")
    _check_finite(y, "y")
    _check_size(x, "x")
    _check_size(y, "y")
    with np.errstate(over="ignore"):
        _check_size(y.reshape(len(y), -1) / noise.sigma, "y / yerr")
    single = y.ndim == 1
    return Data(
        x=np.ascontiguousarray(x),
        y=np.ascontiguousarray(y.reshape(len(y), -1)),
        noise=noise,
        is_single_output=single,
        n_dropped=n_dropped,
        extent=extent,
    )


def check_extent(xerr: Any, x: np.ndarray, keep: np.ndarray) -> Float[np.ndarray, "n d"]:
    """Check errors on x against the x they belong to.

    Args:
        xerr: A scalar, (n,), or (n, d).
        x: The inputs, (n,) or (n, d), before masked points are dropped.
        keep: Mask of the points that stay.

    Returns:
        The errors of the points that stay.

    Raises:
        ShapeMismatch: The shape does not fit x.
        InvalidErrors: Negative, NaN or infinite, or all zero.
    """
    n, d = len(x), 1 if x.ndim == 1 else x.shape[1]
    sigma, mask = as_float_array(xerr, "xerr")
    if mask is not None and mask.reshape(-1).any():
        raise InvalidErrors("xerr has masked values; mask those points in x instead.")
    if sigma.shape == (n,):
        sigma = sigma[:, None]
    elif sigma.ndim != 0 and sigma.shape not in ((n, d), (n, 1)):
        expected = f"a scalar, ({n},)" + (f" or ({n}, {d})" if x.ndim == 2 else "")
        hint = " Errors of different inputs are columns." if sigma.shape == (d,) and d > 1 else ""
        raise ShapeMismatch(
            f"xerr has shape {sigma.shape} but x has shape {x.shape}; pass {expected}.{hint}"
        )
    sigma = np.broadcast_to(sigma, (n, d))[keep]
    bad = ~(np.isfinite(sigma) & (sigma >= 0) & (sigma < LARGEST))
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        raise InvalidErrors(
            f"xerr has {int(bad.sum())} value(s) that are no standard deviation, the first "
            f"{sigma[index]:g} at index {index[0]}; give finite numbers that are not negative (0 "
            "for an exact x)."
        )
    if not sigma.any():
        raise InvalidErrors("xerr is 0 for every point; leave it out if x is exact.")
    return np.ascontiguousarray(sigma)


def check_inputs(x: Any, like: Data) -> np.ndarray:
    """Check inputs at which to predict against the inputs of the fit.

    Args:
        x: New inputs: a scalar, (n,), or (n, d) with the same d as the fit's.
        like: The data of the fit.

    Returns:
        A float64 array, (n,) or (n, d).

    Raises:
        ShapeMismatch: The number of inputs differs from the fit's.
        NotFinite: A value is NaN or infinite.
    """
    x, mask = as_float_array(x, "x")
    if mask is not None and mask.any():
        raise DataError("x has masked points; predict at unmasked points only (x.compressed()).")
    if like.x.ndim == 1:
        x = x.reshape(1) if x.ndim == 0 else x
        if x.ndim != 1:
            raise ShapeMismatch(
                f"x has shape {x.shape} but the fit was made with x of shape (n,); pass shape (n,)."
            )
    else:
        x = x[None, :] if x.ndim == 1 and x.size == like.n_inputs else x
        if x.ndim != 2 or x.shape[1] != like.n_inputs:
            raise ShapeMismatch(
                f"x has shape {x.shape} but the fit was made with {like.n_inputs} inputs; "
                f"pass shape (n, {like.n_inputs})."
            )
    _check_finite(x, "x")
    return x


def _check_size(array: np.ndarray, name: str) -> None:
    largest = float(np.max(np.abs(array)))
    if largest > LARGEST or 0 < largest < 1 / LARGEST:
        raise DataError(
            f"{name} reaches {largest:.3g}, whose powers leave the range of 64-bit numbers; "
            "change its unit."
        )


def _check_dimensions(x: np.ndarray, y: np.ndarray) -> None:
    if x.ndim not in (1, 2):
        raise ShapeMismatch(
            f"x has shape {x.shape}; pass shape (n,) for one input or (n, d) for d inputs."
        )
    if y.ndim not in (1, 2):
        raise ShapeMismatch(
            f"y has shape {y.shape}; pass shape (n,) for one output or (n, m) for m outputs."
        )
    if x.shape[0] == 0 or y.size == 0 or x.size == 0:
        raise DataError(f"x has shape {x.shape} and y {y.shape}: there is nothing to fit.")
    if x.shape[0] != y.shape[0]:
        hint = ""
        if x.ndim == 2 and x.shape[1] == y.shape[0]:
            hint = " x looks transposed: pass x.T."
        raise ShapeMismatch(
            f"x has {x.shape[0]} points but y has {y.shape[0]}; give both the same length.{hint}"
        )


def _rows(mask: np.ndarray | None, array: np.ndarray) -> np.ndarray:
    """Which points have anything masked."""
    if mask is None:
        return np.zeros(array.shape[0], dtype=bool)
    return np.asarray(mask.reshape(array.shape[0], -1).any(axis=1))


def _check_finite(array: np.ndarray, name: str) -> None:
    bad = ~np.isfinite(array)
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        where = first[0] if len(first) == 1 else first
        raise NotFinite(
            f"{name} has {int(bad.sum())} value(s) that are NaN or infinite, the first at index "
            f"{where}; remove those points, or mask them with numpy.ma.masked_invalid."
        )
