"""The result of many fits: columns with one entry per fit."""

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits
from numpy.typing import ArrayLike

from surefit.data.arrays import as_float_array
from surefit.exceptions import InvalidType, UnknownParameter
from surefit.many.rows import Samples
from surefit.precision import double_precision
from surefit.report.many import FitsSummary, SpreadRow, fits_html, fits_text
from surefit.result import Fit

# Messages of rows without a result that the report shows.
SHOWN = 3


@dataclasses.dataclass(frozen=True, eq=False)
class Fits:
    """The result of `surefit.fit_many`: print it, take its columns, or one fit of it.

    `fits["mean"]`, `fits["mean_error"]`, `fits["chi2"]` and so on are NumPy columns of length k,
    `fits[17]` is the full `Fit` of one row.

    Attributes:
        model: What was fitted, as it would be typed.
        parameter_names: Flat names of the parameters, fixed ones included; P of them.
        values: Shape (k, P); NaN in rows without a result.
        errors: One standard deviation of each, shape (k, P); 0 for fixed ones, NaN where there is
            none.
        covariance: Shape (k, P, P).
        chi2: χ² at each minimum; NaN where no errors were given.
        rss: Residual sum of squares in the unit of y squared.
        ndof: Degrees of freedom; 0 in rows without a result.
        valid: Whether the minimum is to be trusted; says nothing about how well the model fits.
        status: Members of `surefit.Status`.
        messages: Why a row has no result, else empty; a tuple of k strings.
        n_starts: Starts that were refined in each row.
        n_agree: How many of them ended at the minimum.
        method: What was done, in a sentence.
        notes: Further remarks, in sentences.
        seconds: Wall time of all fits.
        samples: The data.
        refit: Row → its full `Fit`.
        curve: (rows, x) → predictions, one row of values each.
    """

    model: str
    parameter_names: tuple[str, ...]
    values: np.ndarray
    errors: np.ndarray
    covariance: np.ndarray
    chi2: np.ndarray
    rss: np.ndarray
    ndof: np.ndarray
    valid: np.ndarray
    status: np.ndarray
    messages: tuple[str, ...]
    n_starts: np.ndarray
    n_agree: np.ndarray
    method: str
    notes: tuple[str, ...]
    seconds: float
    samples: Samples
    refit: Callable[[int], Fit]
    curve: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    @functools.cached_property
    def pvalue(self) -> np.ndarray:
        """Probability of a χ² at least as large; NaN where no errors were given."""
        ndof = np.where(self.ndof > 0, self.ndof, np.nan)
        return np.asarray(scipy.special.chdtrc(ndof, self.chi2))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns; those of parameters first."""
        own = (name for one in self.parameter_names for name in (one, f"{one}_error"))
        return tuple(dict.fromkeys([*own, *_STATISTICS]))

    def __getitem__(self, key: Any) -> Any:
        """A column by name, or the full `Fit` of a row by number.

        Args:
            key: `"mean"`, `"mean_error"`, `"chi2"`, `"ndof"`, `"pvalue"`, `"rss"`, `"valid"`,
                `"status"`, …: see `names`. A parameter hides a statistic of the same name, which
                is an attribute as well. Or a whole number, negative from the end.

        Raises:
            UnknownParameter: There is no such column.
            DataError: The row's data cannot be fitted.
        """
        if isinstance(key, str):
            return self._column(key)
        if isinstance(key, bool | np.bool_) or not isinstance(key, int | np.integer):
            raise InvalidType(
                f"Fits are indexed by the name of a column or the number of a row, not by "
                f"{type(key).__name__}; columns are NumPy arrays: fits['chi2'][mask]."
            )
        return self.fit(int(key))

    def _column(self, name: str) -> np.ndarray:
        parameters = self.parameter_names
        if name in parameters:
            return self.values[:, parameters.index(name)]
        base = name.removesuffix("_error")
        if base != name and base in parameters:
            return self.errors[:, parameters.index(base)]
        if name in _STATISTICS:
            return getattr(self, name)
        raise UnknownParameter(
            f"There is no column {name!r}; the columns are {', '.join(self.names)}."
        )

    @double_precision
    def fit(self, row: int) -> Fit:
        """The full result of one row: its data are fitted once more, by itself.

        Args:
            row: Number of the row, negative from the end.

        Raises:
            DataError: The row's data cannot be fitted; the message says why.
            IndexError: There is no such row.
        """
        if not -len(self) <= row < len(self):
            raise IndexError(f"There is no row {row}; there are {len(self)}.")
        return self.refit(row % len(self))

    @double_precision
    def predict(self, x: ArrayLike | None = None) -> Any:
        """The fitted function of every row.

        Args:
            x: Inputs for all rows, shape (n,), or (n, d) for d inputs; those of the fits if None.

        Returns:
            Shape (k, n); a list of k arrays if x is None and the rows differ in length. NaN in
            rows without a result.
        """
        rows = np.arange(len(self))
        if x is not None:
            return self.curve(rows, as_float_array(x, "x")[0])
        if self.samples.is_shared:
            return self.curve(rows, self.samples.x)
        inputs = (np.ma.getdata(self.samples.x[row]) for row in rows)
        found = [self.curve(rows[[i]], own)[0] for i, own in enumerate(inputs)]
        return found if len({len(one) for one in found}) > 1 else np.array(found)

    def to_frame(self) -> Any:
        """The columns as a pandas data frame; statuses as text.

        Raises:
            MissingDependency: pandas is not installed.
        """
        from surefit.many.frames import frame_of

        columns = {name: self._column(name) for name in self.names}
        return frame_of(columns | {"status": np.array([one.name for one in self.status])})

    # --- views ----------------------------------------------------------------------------

    def summary(self) -> FitsSummary:
        """What the text and HTML views show, as a plain record."""
        counts = Counter(one.name.replace("_", " ") for one in self.status)
        advice = {one.name.replace("_", " "): one.advice for one in set(self.status)}
        failed = [(row, message) for row, message in enumerate(self.messages) if message]
        sizes = [len(row) for row in self.samples.y]
        return FitsSummary(
            model=self.model,
            n_fits=len(self),
            n_points=(min(sizes), max(sizes)),
            n_valid=int(self.valid.sum()),
            counts=tuple((name, n, advice[name]) for name, n in counts.most_common()),
            rows=tuple(self._spread(i) for i in range(len(self.parameter_names))),
            reduced=_median(self.chi2 / np.where(self.ndof > 0, self.ndof, np.nan)),
            n_unlikely=int(np.sum(self.pvalue < 1e-3)),
            errors_estimated=not self.samples.is_given,
            failed=tuple(failed[:SHOWN]),
            n_failed=len(failed),
            method=self.method,
            notes=self.notes,
            seconds=self.seconds,
        )

    def _spread(self, i: int) -> SpreadRow:
        values, name = self.values[self.valid, i], self.parameter_names[i]
        low, high = np.quantile(values, [0.1587, 0.8413]) if len(values) else (np.nan, np.nan)
        median_error = _median(self.errors[self.valid, i])
        return SpreadRow(name, _median(values), float(low), float(high), median_error)

    def __str__(self) -> str:
        return fits_text(self.summary())

    def __repr__(self) -> str:
        return fits_text(self.summary())

    def _repr_html_(self) -> str:
        return fits_html(self.summary())


_STATISTICS = ("chi2", "ndof", "pvalue", "rss", "valid", "status", "n_starts", "n_agree")


def _median(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")
