"""Read `constraints=`: Gaussian knowledge of parameters, correlated or not."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy  # its parts are imported on first use: together they take longer than most fits

from surefit.exceptions import InvalidErrors, InvalidOption, InvalidType, ShapeMismatch
from surefit.models.parameters import Parameters
from surefit.problem.naming import places

_FORMS = (
    "a dict {'name': (mean, sigma)}, or for correlated ones a tuple (names, means, covariance), or "
    "a list of these"
)


@dataclasses.dataclass(frozen=True, eq=False)
class Gaussian:
    """Parameters known from elsewhere: |A p − b|² is to be added to −2 ln L.

    Attributes:
        rows: A, shape (k, p), in units of one standard deviation.
        targets: b, shape (k,).
    """

    rows: np.ndarray
    targets: np.ndarray

    def __len__(self) -> int:
        """How many numbers are known: they count as so many further data."""
        return len(self.targets)

    def chi2(self, full: np.ndarray) -> float:
        """Their part of −2 ln L, for a full parameter vector, shape (p,)."""
        return float(np.sum((self.rows @ full - self.targets) ** 2))

    def information(self, covariance: np.ndarray) -> float:
        """How many numbers of a result with this covariance, shape (p, p), come from them alone."""
        return float(np.sum((self.rows @ covariance) * self.rows))


def check_gaussian(parameters: Parameters, constraints: Any) -> Gaussian:
    """Check Gaussian constraints and bring them into units of one standard deviation.

    Args:
        parameters: The model's parameters.
        constraints: A dict from name to (mean, sigma); or (names, means, covariance); or a list
            of these, which are independent of each other.

    Raises:
        UnknownParameter: A name is not one of the model's.
        InvalidErrors: A sigma is not positive, or a covariance is not positive definite.
        ShapeMismatch: Names, means and covariance do not fit together.
        InvalidOption: A mean or sigma is not a finite number.
        InvalidType: It is none of these forms.
    """
    p = parameters.size
    rows, targets = [np.zeros((0, p))], [np.zeros(0)]
    for entry in _entries(constraints):
        whitening, where, means = (
            _independent(parameters, *entry) if len(entry) == 2 else _joint(parameters, *entry)
        )
        matrix = np.zeros((len(where), p))
        matrix[:, where] = whitening
        rows.append(matrix)
        targets.append(whitening @ means)
    return Gaussian(np.concatenate(rows), np.concatenate(targets))


def _entries(constraints: Any) -> list[tuple[Any, ...]]:
    """(name, pair), or (names, means, covariance), one after the other."""
    if constraints is None:
        return []
    if isinstance(constraints, Mapping):
        return list(constraints.items())
    if isinstance(constraints, str) or not isinstance(constraints, Sequence):
        raise InvalidType(f"constraints is a {type(constraints).__name__}; pass {_FORMS}.")
    if len(constraints) == 3 and _are_names(constraints[0]):
        return [tuple(constraints)]
    entries = []
    for item in constraints:
        is_triple = isinstance(item, Sequence) and len(item) == 3 and _are_names(item[0])
        if not (isinstance(item, Mapping) or is_triple):
            raise InvalidType(f"constraints has {item!r}; pass {_FORMS}.")
        entries += _entries(item)
    return entries


def _are_names(item: Any) -> bool:
    is_sequence = isinstance(item, Sequence | np.ndarray) and not isinstance(item, str)
    return is_sequence and len(item) > 0 and all(isinstance(name, str) for name in item)


def _independent(parameters: Parameters, name: Any, pair: Any):
    where = places(parameters, name, "constraints")
    try:
        mean, sigma = (np.asarray(side, dtype=np.float64).ravel() for side in pair)
    except (TypeError, ValueError):
        raise InvalidOption(
            f"constraints of {name} is {pair!r}; give a pair (mean, sigma)."
        ) from None
    if not {mean.size, sigma.size} <= {1, len(where)}:
        raise ShapeMismatch(
            f"constraints of {name} has {mean.size} means and {sigma.size} sigmas, but the "
            f"parameter has {len(where)} entries."
        )
    if not (np.isfinite(mean).all() and np.isfinite(sigma).all()):
        raise InvalidOption(f"constraints of {name} is {pair!r}; give finite numbers.")
    if (sigma <= 0).any():
        raise InvalidErrors(
            f"constraints of {name} has the sigma {sigma.min():g}; give a positive one, or use "
            "fixed= to hold the parameter."
        )
    sigma = np.broadcast_to(sigma, len(where))
    return np.diag(1 / sigma), where, np.broadcast_to(mean, len(where))


def _joint(parameters: Parameters, names: Any, means: Any, covariance: Any):
    where = np.concatenate([places(parameters, name, "constraints") for name in names])
    try:
        means = np.asarray(means, dtype=np.float64).ravel()
        covariance = np.asarray(covariance, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidOption(
            "constraints has means or a covariance that are not arrays of numbers."
        ) from None
    k = len(where)
    if means.shape != (k,) or covariance.shape != (k, k):
        raise ShapeMismatch(
            f"constraints has {k} parameters, but means of shape {means.shape} and a covariance of "
            f"shape {covariance.shape}; give ({k},) and ({k}, {k})."
        )
    if len(set(where.tolist())) < k:
        raise InvalidOption(f"constraints names a parameter twice in {tuple(names)!r}.")
    if not (np.isfinite(means).all() and np.isfinite(covariance).all()):
        raise InvalidOption("constraints has means or a covariance that are not finite.")
    size = np.sqrt(np.abs(np.diag(covariance)))
    is_symmetric = np.allclose(covariance, covariance.T, rtol=0, atol=1e-10 * size.max() ** 2)
    try:
        factor = np.linalg.cholesky(covariance) if is_symmetric else None
    except np.linalg.LinAlgError:
        factor = None
    if factor is None:
        raise InvalidErrors(
            "constraints has a covariance that is not symmetric and positive definite; check its "
            "correlations, which lie between -1 and 1."
        )
    return scipy.linalg.solve_triangular(factor, np.eye(k), lower=True), where, means
