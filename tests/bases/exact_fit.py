"""Polynomial least squares in long decimal arithmetic: the slow, independent twin."""

import decimal
from decimal import Decimal

import numpy as np
import scipy.linalg


def exact_predictions(x, y, degree, at, sigma=None, digits=150):
    """Predictions of the polynomial fit at given points, right to every digit of a float.

    Monic orthogonal polynomials by the plain Stieltjes procedure, which needs no
    reorthogonalization when there are digits to burn.
    """
    with decimal.localcontext(decimal.Context(prec=digits)):
        x, y, at = (_decimals(array) for array in (x, y, at))
        weight = _decimals(np.ones(len(x)) if sigma is None else sigma) ** -2
        before, current = 0 * x, 0 * x + 1
        before_at, current_at = 0 * at, 0 * at + 1
        norm_before, total = None, 0 * at
        for _ in range(degree + 1):
            norm = (weight * current * current).sum()
            total = total + (weight * current * y).sum() / norm * current_at
            shift = (weight * x * current * current).sum() / norm
            ratio = norm / norm_before if norm_before is not None else 0
            before, current = current, (x - shift) * current - ratio * before
            before_at, current_at = current_at, (at - shift) * current_at - ratio * before_at
            norm_before = norm
        return total.astype(float)


def exact_coefficients(x, y, degree, digits=200):
    """Coefficients of powers of x by the normal equations, in long arithmetic."""
    with decimal.localcontext(decimal.Context(prec=digits)):
        x, y = _decimals(x), _decimals(y)
        columns = [x**0 if k == 0 else x**k for k in range(degree + 1)]
        matrix = np.array([[(a * b).sum() for b in columns] for a in columns], dtype=object)
        side = np.array([(a * y).sum() for a in columns], dtype=object)
        for pivot in range(degree + 1):
            for row in range(pivot + 1, degree + 1):
                factor = matrix[row, pivot] / matrix[pivot, pivot]
                matrix[row] = matrix[row] - factor * matrix[pivot]
                side[row] -= factor * side[pivot]
        for pivot in reversed(range(degree + 1)):
            rest = (matrix[pivot, pivot + 1 :] * side[pivot + 1 :]).sum()
            side[pivot] = (side[pivot] - rest) / matrix[pivot, pivot]
        return side.astype(float)


def least_squares(model, x, y, sigma=None):
    """Solve a resolved linear model by Householder QR; returns its flat parameter vector."""
    columns = model.columns(np.asarray(x))
    weight = np.ones(len(x)) if sigma is None else 1 / np.asarray(sigma)
    outputs = np.asarray(y).reshape(len(x), -1)
    matrix = (columns * weight[:, None, None]).reshape(-1, columns.shape[2])
    side = (outputs * weight[:, None]).ravel()
    size = np.linalg.norm(matrix, axis=0)
    orthogonal, triangle = np.linalg.qr(matrix / size)
    return scipy.linalg.solve_triangular(triangle, orthogonal.T @ side) / size


def _decimals(array):
    return np.array([Decimal(float(value)) for value in array], dtype=object)
