"""Candidates for one term of a sum: its columns at many plausible nonlinear parameters."""

import dataclasses

import numpy as np

from surefit.problem.base import AbstractProblem
from surefit.problem.projected import solve_scaled
from surefit.search.components import Component

# A column of which less than this fraction (of its square) is new cannot be told from the others.
LEAST_NEW = 1e-8


@dataclasses.dataclass(frozen=True, eq=False)
class Atoms:
    """Columns of one kind of term.

    Attributes:
        values: Nonlinear parameters of each atom, shape (m, k).
        columns: The whitened derivatives by its linear parameters, of unit length each, shape
            (m, g, n).
    """

    values: np.ndarray
    columns: np.ndarray

    def joined(self, other: "Atoms") -> "Atoms":
        """These and other ones of the same kind."""
        values = np.concatenate([self.values, other.values])
        return Atoms(values, np.concatenate([self.columns, other.columns]))

    def gains(self, basis: np.ndarray, residual: np.ndarray) -> np.ndarray:
        """By how much each atom lowers the sum of squares, next to other columns.

        Args:
            basis: Orthonormal columns that are there already, shape (n, a).
            residual: What these leave of the data, shape (n,).

        Returns:
            The decrease, shape (m,).
        """
        m, g, n = self.columns.shape
        flat = self.columns.reshape(m * g, n)
        inside = flat @ basis
        slope = (flat @ residual).reshape(m, g)
        if g == 1:
            new = 1 - np.einsum("ma,ma->m", inside, inside)
            return np.where(new > LEAST_NEW, slope[:, 0] ** 2 / np.maximum(new, LEAST_NEW), 0.0)
        inside = inside.reshape(m, g, -1)
        matrix = self.columns @ self.columns.transpose(0, 2, 1) - inside @ inside.transpose(0, 2, 1)
        solution = solve_scaled(matrix, slope[:, :, None])[:, :, 0]
        return np.sum(solution * slope, axis=1)


def draw_atoms(
    problem: AbstractProblem, components: tuple[Component, ...], points: np.ndarray
) -> dict[int, Atoms]:
    """The atoms of each kind of component at given parameters: as many per point as components.

    Args:
        problem: The problem.
        components: Its terms.
        points: Plausible points, shape (s, q).

    Returns:
        By kind, the atoms that are finite.
    """
    values: dict[int, list] = {component.kind: [] for component in components}
    columns: dict[int, list] = {component.kind: [] for component in components}
    for point in points:
        with np.errstate(over="ignore", invalid="ignore"):
            _, jacobian = problem.linearize(point)
        for component in components:
            new = jacobian[:, component.linear].T
            largest = np.abs(new).max(axis=1, keepdims=True)
            if np.isfinite(new).all() and (largest > 0).all():
                new = new / largest
                values[component.kind].append(point[component.searched])
                columns[component.kind].append(new / np.linalg.norm(new, axis=1, keepdims=True))
    return {
        kind: Atoms(np.array(values[kind]), np.array(columns[kind]))
        for kind in values
        if values[kind]
    }
