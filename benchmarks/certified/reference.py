"""Answers to compare with: a long descent from the truth in another library, derivatives exact."""

import numpy as np
import scipy.optimize

from benchmarks.certified.kind import Kind
from surefit.certification.strd import CertifiedProblem

# Imaginary step whose square is nothing beside one: derivatives without a difference.
TINY = 1e-100
# Undamped steps after the descent, and relative lowering of the sum at which another minimum
# replaces the reference.
POLISH = 1000
LOWER = 1e-9


def problem_of(kind: Kind, seed: int) -> CertifiedProblem:
    """A problem of a kind, with its answer as far as a descent from the truth knows it."""
    draft, rng = kind.draft(seed)
    curve = kind.function(draft.x, *draft.truth)
    errors = rng.standard_normal(len(curve))
    for i in range(1, len(errors)):  # autoregressive, of unit variance
        fresh = np.sqrt(1 - draft.correlation**2)
        errors[i] = draft.correlation * errors[i - 1] + fresh * errors[i]
    fitted = curve + draft.noise * errors
    y = _rounded(np.exp(fitted) if kind.is_logarithmic else fitted, draft.digits)
    far = draft.truth * np.exp(draft.far * rng.standard_normal(len(draft.truth)))
    near = draft.truth * np.exp(0.1 * draft.far * rng.standard_normal(len(draft.truth)))
    values, spread, rss = answer(kind, draft.x, y, [draft.truth, near])
    return CertifiedProblem(
        name=kind.name,
        level="made",
        statement=kind.statement,
        inputs=kind.inputs,
        x=draft.x,
        y=y,
        names=tuple(f"b{i + 1}" for i in range(len(values))),
        starts=np.stack([far, near]),
        values=values,
        errors=spread,
        rss=rss,
    )


def answer(
    kind: Kind, x: np.ndarray, y: np.ndarray, starts
) -> tuple[np.ndarray, np.ndarray, float]:
    """The lowest minimum that descents from some starts lead to.

    Returns:
        Values, standard deviations (from the Jacobian, as NIST's), and the sum of squares.
    """
    y = np.log(y) if kind.is_logarithmic else y

    def residuals(values):
        with np.errstate(all="ignore"):
            return np.nan_to_num(kind.function(x, *values) - y, nan=1e9, posinf=1e9, neginf=-1e9)

    def jacobian(values):
        steps = TINY * np.maximum(np.abs(values), 1e-300)
        columns = []
        for i, step in enumerate(steps):
            moved = values.astype(complex)
            moved[i] += 1j * step
            columns.append(kind.function(x, *moved).imag / step)
        return np.nan_to_num(np.stack(columns, axis=1))

    ends = [_descended(residuals, jacobian, np.asarray(start, dtype=float)) for start in starts]
    values = min(ends, key=lambda end: np.sum(residuals(end) ** 2))
    rss = float(np.sum(residuals(values) ** 2))
    columns = jacobian(values)
    size = np.linalg.norm(columns, axis=0)
    triangle = np.linalg.qr(columns / size, mode="r")
    unit = np.linalg.norm(np.linalg.inv(triangle), axis=1) / size
    return values, unit * np.sqrt(rss / (len(y) - len(values))), rss


def _descended(residuals, jacobian, start: np.ndarray) -> np.ndarray:
    found = scipy.optimize.least_squares(
        residuals, start, jacobian, method="lm", x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15,
        max_nfev=20_000,
    )  # fmt: skip
    values, promise, most = found.x, np.inf, (1 + 1e-9) * np.sum(found.fun**2)
    for _ in range(POLISH):
        columns = jacobian(values)
        size = np.linalg.norm(columns, axis=0)
        if not size.all() or np.sum(residuals(values) ** 2) > most:
            return found.x
        move = np.linalg.lstsq(columns / size, residuals(values), rcond=None)[0] / size
        # The sum of squares is flat to its last bit here: only the next step tells of digits.
        if not np.linalg.norm(columns @ move) < promise:
            break
        values, promise = values - move, np.linalg.norm(columns @ move)
    return values


def _rounded(y: np.ndarray, digits: int) -> np.ndarray:
    return np.array([float(f"{value:.{digits - 1}e}") for value in y])
