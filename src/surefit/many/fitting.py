"""The sentence for many fits: samples → plan → batches → search → judgment → columns."""

import dataclasses
import functools
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from surefit.exceptions import DataError, InvalidOption, SurefitError
from surefit.fitting import fit
from surefit.losses.least_squares import LeastSquares
from surefit.many.batch import Batch, batches
from surefit.many.columns import RowResults, no_results
from surefit.many.fits import Fits
from surefit.many.judgment import judged
from surefit.many.linear import solve_rows
from surefit.many.one_by_one import fits_of
from surefit.many.plan import Plan, plan
from surefit.many.rows import Samples, check_samples
from surefit.many.search import fit_rows
from surefit.many.table import columns_of, is_any_of, table_of_fits, with_fits
from surefit.minimizers.base import Budget, Report, Status, silent
from surefit.models.function import ResolvedFunction
from surefit.precision import double_precision
from surefit.problem.base import AbstractProblem
from surefit.problem.build import build_problem
from surefit.problem.compilation_cache import keep_compiled
from surefit.result import Fit

# Relative decrease of the residual sum of squares that is more than rounding.
BETTER = 1e-9
# Endings of a row that a full search by itself may better.
DOUBTFUL = (Status.unconfirmed, Status.budget_exhausted, Status.not_stationary, Status.not_finite)


@double_precision
def fit_many(
    X: Any,
    Y: Any,
    model: Any,
    yerr: Any = None,
    *,
    start: Mapping[str, Any] | None = None,
    bounds: Mapping[str, Any] | None = None,
    fixed: Mapping[str, Any] | None = None,
    budget: Budget | None = None,
    key: int = 0,
    progress: Report | None = None,
) -> Fits:
    """Fit one model to many data sets, each by itself, as one batch. No starts are needed.

    It gives for each row what `surefit.fit` gives for it alone: the same minimum, errors, status
    and conventions. A row whose data cannot be fitted does not stop the others: its values are
    NaN, its status is `bad_data`, and its message says why. Rows whose minimum a second search in
    the batch does not confirm are given a full search by themselves.

    Args:
        X: Inputs: (n,) shared by all fits, (k, n), or a list of k arrays of any lengths; with d
            inputs (n, d), (k, n, d), or a list of arrays (n_i, d).
        Y: Outputs: (k, n), or a list of k arrays. NaN in a row is an error of that row; a masked
            point, in a list of masked arrays, is left out.
        model: A model or a Python function, as for `surefit.fit`. Functions and linear models are
            fitted as a batch; grown models, networks, functions with steps, functions that cannot
            be traced and rows of more than 8192 points are fitted one by one, and `method` says so.
        yerr: One standard deviation of y: a scalar, (k,) one for each fit, (k, n), or a list of k
            scalars or arrays; absolute. If None, one size is estimated for each fit from its
            residuals.
        start: Values to try first, by parameter name: one for all fits, or (k,) with NaN where
            there is none; the search goes on beyond them.
        bounds: Pairs (lower, upper) by parameter name, for all fits.
        fixed: Values at which to hold parameters, by name, for all fits.
        budget: Limits on the work: iterations of each fit, a factor on the number of candidates,
            and seconds for all fits together.
        key: Seed of the search. The same key gives the same result, whatever the order of the
            rows.
        progress: Called with what is being done and the number of fits that it is done for.

    Returns:
        Columns with one entry for each fit, and the full `Fit` of any of them.

    Raises:
        SurefitError: X, Y and yerr do not fit together, the model or an option cannot be used, or
            no row can be fitted.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0, 4, 30)
        >>> lifetimes = np.array([0.5, 1.0, 2.0])
        >>> Y = 3 * np.exp(-x / lifetimes[:, None])
        >>> def decay(x, height, lifetime):
        ...     return height * np.exp(-x / lifetime)
        >>> fits = sf.fit_many(x, Y, decay, yerr=0.1)
        >>> fits["lifetime"].round(6).tolist()
        [0.5, 1.0, 2.0]
    """
    began = time.perf_counter()
    keep_compiled()
    samples = check_samples(X, Y, yerr)
    if not len(samples.usable):
        raise DataError(f"No row can be fitted. Row 0: {samples.messages[0]}")
    common, starts = _starts(start, len(samples))
    how = plan(model, samples, common, bounds, fixed)
    work = _Work(how, samples, starts, bounds, fixed, budget or Budget(), key, progress or silent)
    table = work.one_by_one() if how.refusal else work.as_batch()
    return Fits(
        **table,
        model=str(how.resolved),
        method=work.method,
        notes=tuple(work.notes),
        seconds=time.perf_counter() - began,
        samples=work.samples,
        refit=work.fit_row,
    )


def _starts(start: Any, k: int) -> tuple[Any, dict[str, np.ndarray]]:
    """Starts for all rows, and those that differ from row to row."""
    if not isinstance(start, Mapping):
        return start, {}
    own = {name: np.asarray(v, dtype=float) for name, v in start.items() if np.shape(v) == (k,)}
    for name, values in own.items():
        if not np.isfinite(values).any():
            raise InvalidOption(f"start of {name} has no finite value; leave it out.")
    middle = {name: float(values[np.isfinite(values)][0]) for name, values in own.items()}
    return {**start, **middle}, own


@dataclasses.dataclass(eq=False)
class _Work:
    """What is done for one call."""

    how: Plan
    samples: Samples
    starts: dict[str, np.ndarray]
    bounds: Any
    fixed: Any
    budget: Budget
    key: int
    progress: Report
    method: str = ""
    notes: list[str] = dataclasses.field(default_factory=list)

    def fit_row(self, row: int) -> Fit:
        """The full fit of one row by itself."""
        start = self._start_of(row)
        with np.errstate(all="ignore"):  # parameters may run off to infinity
            return fit(
                *self.samples.arguments(row)[:2],
                self.how.description,
                self.samples.arguments(row)[2],
                start=start or None,
                bounds=self.bounds,
                fixed=self.fixed,
                budget=dataclasses.replace(self.budget, seconds=None),
                key=self.key,
            )

    def _start_of(self, row: int) -> dict[str, float]:
        names, common = self.how.resolved.parameters().names, self.how.constraints.start
        start = {n: float(v) for n, v in zip(names, common, strict=True) if np.isfinite(v)}
        for name, values in self.starts.items():
            start[name] = float(values[row])
        return {name: value for name, value in start.items() if np.isfinite(value)}

    def one_by_one(self) -> dict[str, Any]:
        """All rows in a loop over `surefit.fit`."""
        self.method = f"One by one: {self.how.refusal}."
        usable = self.samples.usable
        found = fits_of(usable, self.fit_row, functools.partial(self._report, "one by one"))
        self._note_messages({row: one for row, one in found.items() if isinstance(one, str)})
        fits = {row: one for row, one in found.items() if isinstance(one, Fit)}
        return table_of_fits(fits, self.samples)

    def as_batch(self) -> dict[str, Any]:
        """All rows as batches of similar length, then those in doubt one by one."""
        problem = self.how.problem
        self._refuse_short_rows(problem.n_free)
        results = no_results(len(self.samples), len(problem.limits.held), Status.bad_data)
        deadline = self.budget.seconds
        deadline = None if deadline is None else time.monotonic() + deadline
        for batch in batches(self.samples, may_pad=self.how.resolved.is_pointwise):
            results.put(batch.rows, self._batch(problem, batch, deadline))
        is_linear = not problem.roles.searched
        self.method = (
            "Closed form in each row: the model is linear in its parameters."
            if is_linear
            else "Levenberg-Marquardt in all rows at once, from candidates shared by all rows; "
            f"{len(problem.roles.solved)} of {problem.n_free} parameters solved, not searched."
        )
        table = columns_of(results, self.how, self.samples)
        if is_linear:
            return table
        # What is undetermined by every start is so; what only one start says may be a bad end.
        doubtful = is_any_of(results.status, DOUBTFUL)
        doubtful |= (results.status == Status.undetermined) & ~results.is_confirmed
        return self._rescued(table, np.flatnonzero(doubtful), deadline)

    def _batch(self, problem, batch: Batch, deadline: float | None) -> RowResults:
        if not problem.roles.searched:
            return solve_rows(problem, batch)
        left = None if deadline is None else max(deadline - time.monotonic(), 0.0)
        minima = fit_rows(
            *(problem, batch, self._start_points(batch)),
            budget=dataclasses.replace(self.budget, seconds=left),
            rng=np.random.default_rng(self.key),
            progress=self._report,
        )
        return judged(problem, batch, minima, self._problem_of)

    def _start_points(self, batch: Batch) -> np.ndarray | None:
        """Starts of the free parameters in each row of a batch; None if there are none."""
        names, common = self.how.resolved.parameters().names, self.how.constraints.start
        model = self.how.resolved
        if isinstance(model, ResolvedFunction):
            defaults = np.array([model.source.defaults.get(name, np.nan) for name in names])
            common = np.where(np.isnan(common), defaults, common)
        if np.isnan(common).all():
            return None
        points = np.repeat(np.where(np.isnan(common), 1.0, common)[None], len(batch), axis=0)
        for name, values in self.starts.items():
            points[:, names.index(name)] = values[batch.rows]
        return points[:, self.how.constraints.free]

    def _problem_of(self, row: int) -> AbstractProblem:
        data = self.samples.data(row)
        return build_problem(self.how.resolved, data, LeastSquares(), self.how.constraints)

    def _refuse_short_rows(self, n_free: int) -> None:
        """Rows with fewer points than free parameters get the message that a single fit raises."""
        refused = {}
        usable = self.samples.usable
        for row in usable[self.samples.n_points[usable] < n_free].tolist():
            try:
                self._problem_of(row)
            except SurefitError as error:
                refused[row] = str(error)
        self._note_messages(refused)
        if not len(self.samples.usable):
            raise DataError(f"No row can be fitted. Row 0: {self.samples.messages[0]}")

    def _rescued(
        self, table: dict[str, Any], rows: np.ndarray, deadline: float | None
    ) -> dict[str, Any]:
        """The columns after rows in doubt were searched by themselves."""
        found: dict[int, Fit] = {}
        n_better = 0
        for n_done, row in enumerate(rows.tolist()):
            if deadline is not None and time.monotonic() > deadline:
                break
            self._report("rows in doubt", n_done)
            one = self.fit_row(row)
            n_better += not one.rss >= table["rss"][row] * (1 - BETTER)
            if one.valid or not one.rss > table["rss"][row] * (1 + BETTER):
                found[row] = one
        if len(rows):
            self.notes.append(
                f"{len(rows)} of {len(self.samples)} fits were in doubt and had a full search by "
                f"themselves, which found something better in {n_better}."
            )
        return with_fits(table, found)

    def _note_messages(self, found: Mapping[int, str]) -> None:
        """Remember why rows have no result."""
        messages = list(self.samples.messages)
        for row, message in found.items():
            messages[row] = message
        self.samples = dataclasses.replace(self.samples, messages=tuple(messages))

    def _report(self, what: str, n: int) -> None:
        self.progress(what, float(n))
