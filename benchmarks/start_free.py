"""NIST's problems from no start, beside what people pick when they have none.

The others need a box to search in: they get one of ten times NIST's starts in both directions,
which ours is not told. What counts is the CPU time to reach the certified minimum with a
probability of 95 %: a tool that reaches it with probability p has to be run log(0.05)/log(1 − p)
times.
"""

import dataclasses
import importlib.util
import math
import sys
import time
import warnings
from collections.abc import Callable

import iminuit
import iminuit.cost
import numpy as np
import scipy.optimize

import surefit
from benchmarks.record import OURS, Row
from surefit.certification.problems import shipped_problems, statements_for
from surefit.certification.strd import CertifiedProblem
from surefit.models.function import Function
from surefit.models.tracing.trace import jax_function

GROUP = "NIST's problems: CPU time to the certified minimum with 95 % probability"
# Relative excess of the sum of squares at which the certified minimum counts as reached.
REACHED = 1e-6
BOX = 10.0
KNOWN_START = "from NIST's nearer start"
SLOW = "lmfit ampgo"  # up to a minute a run

Task = Callable[[int], np.ndarray]


def measure(quick: bool) -> list[Row]:
    problems = shipped_problems()[:: 4 if quick else 1]
    statements = statements_for(problems, {}, {})
    rows, ratios = [], []
    for problem, statement in zip(problems, statements, strict=True):
        found = _problem(problem, statement.function, 2 if quick else 3)
        rows += found
        best = min(
            (row.cpu for row in found if row.tool != OURS and row.note != KNOWN_START and row.cpu),
            default=math.inf,
        )
        ratios.append(found[0].cpu / best if found[0].cpu else math.inf)
    median = float(np.median(ratios))
    outcome = f"median over problems of ours / best alternative: {median:.2g}"
    return [*rows, Row(GROUP, "median problem", OURS, outcome=outcome)]


def _problem(problem: CertifiedProblem, function: Callable, repeats: int) -> list[Row]:
    names = Function(function).argument_names

    def ours(seed: int) -> np.ndarray:
        fit = surefit.fit(problem.x, problem.y, function, key=seed)
        return np.array([fit.values[name] for name in names])

    order = [problem.names.index(name) for name in names]
    starts = problem.starts[:, order]
    tasks = (
        {OURS: ours}
        | _without_start(problem, function, starts)
        | _with_start(problem, function, starts[1])
    )
    rows: list[Row] = []
    for tool, task in tasks.items():
        known = tool in ("scipy curve_fit", "iminuit", "lmfit")
        note = KNOWN_START if known else ("no start, no box" if tool == OURS else "")
        once = known or tool == SLOW
        rows.append(_row(problem, function, tool, task, 1 if once else repeats, note))
    ours_cpu = rows[0].cpu
    return [
        row
        if row.tool == OURS or not row.cpu or not ours_cpu
        else dataclasses.replace(row, ratio=ours_cpu / row.cpu)
        for row in rows
    ]


def _row(problem, function, tool: str, task: Task, repeats: int, note: str) -> Row:
    """Run a task with several seeds and account for its failures by repeating."""
    spent, reached = [], 0
    if tool == OURS:
        task(-1 % 2**31)  # compilation apart
    for seed in range(repeats):
        begin = time.process_time()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                values = task(seed)
            except (RuntimeError, ValueError, np.linalg.LinAlgError):
                values = np.full(len(problem.names), np.nan)
            spent.append(time.process_time() - begin)
            rss = float(np.sum((problem.y - function(problem.x, *values)) ** 2))
        reached += rss <= problem.rss * (1 + REACHED)
    cpu = time_to_reach(float(np.mean(spent)), reached / repeats)
    outcome = f"reached {reached}/{repeats}, {np.mean(spent):.2g} s a run"
    return Row(GROUP, problem.name, tool, cpu=cpu, outcome=outcome, note=note)


def time_to_reach(mean: float, rate: float, confidence: float = 0.95) -> float | None:
    """Expected time to succeed at least once with a given probability, by repeating.

    Example:
        >>> time_to_reach(2.0, 1.0), round(time_to_reach(2.0, 0.5), 2), time_to_reach(2.0, 0.0)
        (2.0, 8.64, None)
    """
    if rate == 0:
        return None
    return mean * max(1.0, math.log(1 - confidence) / math.log(1 - rate)) if rate < 1 else mean


def _without_start(problem: CertifiedProblem, function: Callable, starts) -> dict[str, Task]:
    """Global searches in a box, each polished by Levenberg–Marquardt."""
    size = BOX * np.abs(starts).max(axis=0)
    box = list(zip(-size, size, strict=True))
    x, y = problem.x, problem.y

    def cost(values) -> float:
        rss = float(np.sum((y - function(x, *values)) ** 2))
        return rss if math.isfinite(rss) else 1e300

    def polished(values) -> np.ndarray:
        return scipy.optimize.curve_fit(
            function, x, y, values, ftol=1e-13, xtol=1e-13, gtol=1e-13, maxfev=5000
        )[0]

    def evolution(seed: int) -> np.ndarray:
        found = scipy.optimize.differential_evolution(cost, box, rng=seed, polish=False)
        return polished(found.x)

    def annealing(seed: int) -> np.ndarray:
        return polished(scipy.optimize.dual_annealing(cost, box, rng=seed).x)

    def hopping(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        start = rng.uniform(-size, size)
        return polished(scipy.optimize.basinhopping(cost, start, niter=100, rng=rng).x)

    tasks = {
        "differential evolution": evolution,
        "dual annealing": annealing,
        "basin hopping": hopping,
    }
    if importlib.util.find_spec("lmfit"):
        tasks[SLOW] = lambda seed: polished(_ampgo(problem, function, size, seed))
    if sys.version_info >= (3, 12) and importlib.util.find_spec("nlsq"):
        tasks["nlsq multi-start"] = lambda seed: _nlsq(problem, function, size, seed)
    return tasks


def _ampgo(problem: CertifiedProblem, function: Callable, size, seed: int) -> list[float]:
    import lmfit

    rng = np.random.default_rng(seed)
    parameters = lmfit.Parameters()
    for i, high in enumerate(size):
        parameters.add(f"p{i}", rng.uniform(-high, high), min=-high, max=high)
    residual = lambda p: problem.y - function(problem.x, *p.valuesdict().values())  # noqa: E731
    found = lmfit.minimize(residual, parameters, method="ampgo", nan_policy="omit")
    return list(found.params.valuesdict().values())


def _nlsq(problem: CertifiedProblem, function: Callable, size, seed: int) -> np.ndarray:
    import nlsq

    start = np.random.default_rng(seed).uniform(-size, size)
    data = (jax_function(function), problem.x, problem.y)  # it takes functions of JAX only
    found = nlsq.curve_fit(*data, start, bounds=(-size, size), multistart=True, n_starts=10)
    return np.asarray(found[0])


def _with_start(problem: CertifiedProblem, function: Callable, start) -> dict[str, Task]:
    x, y = problem.x, problem.y

    def curve_fit(_: int) -> np.ndarray:
        return scipy.optimize.curve_fit(function, x, y, start, ftol=1e-13, xtol=1e-13)[0]

    def migrad(_: int) -> np.ndarray:
        scale = math.sqrt(problem.rss / max(len(y) - len(start), 1))
        cost = iminuit.cost.LeastSquares(x, y, scale, function)
        return np.array(iminuit.Minuit(cost, *start).migrad(iterate=20).values)

    tasks: dict[str, Task] = {"scipy curve_fit": curve_fit, "iminuit": migrad}
    if importlib.util.find_spec("lmfit"):
        import lmfit

        def with_lmfit(_: int) -> np.ndarray:
            parameters = lmfit.Parameters()
            for i, value in enumerate(start):
                parameters.add(f"p{i}", value)
            residual = lambda p: y - function(x, *p.valuesdict().values())  # noqa: E731
            found = lmfit.minimize(residual, parameters, ftol=1e-13, xtol=1e-13)
            return np.array(list(found.params.valuesdict().values()))

        tasks["lmfit"] = with_lmfit
    return tasks
