"""Put a sum of nonlinear terms together term by term, then exchange single terms.

Drawing the parameters of six peaks at once hopes for six lucky draws in one; peak by peak, each
next to what is there already, one lucky draw at a time will do.
"""

import dataclasses

import numpy as np

from surefit.minimizers.base import Minima
from surefit.problem.base import AbstractProblem
from surefit.problem.held import Held
from surefit.search.atoms import Atoms, draw_atoms
from surefit.search.components import Component, components_of, in_order
from surefit.search.run import Run
from surefit.search.starts import AbstractStarts
from surefit.search.supports import exchanged

# Nonlinear parameters from which terms are added one by one.
FEWEST = 2
# Most points where the form of a function is probed.
PROBES = 32
# Atoms of each kind drawn in a round; points of the data at which they are compared.
ATOMS, MOST_DRAWN = 2000, 500
POINTS = 512
# Random choices of atoms that are improved, and how many of the best go downhill for each term.
STREAMS, BUILT_EACH = 24, 3
# Terms from which sums are put together anew of those of a round's minima.
RECOMBINED = 3
# Steps taken after a term has been exchanged.
STEPS = 8
# Singular values of columns of unit length below which they are not independent.
LEAST_NEW = 1e-8
# Most attempts to exchange a term for another one, and how many in a row may fail.
EXCHANGES = 16
PATIENCE = 3
# Replacements tried for each term, drawn among so many of the best atoms.
REPLACEMENTS = (1, 10, 60, 200)


def assembly_of(run: Run, starts: AbstractStarts) -> "Assembly | None":
    """The assembly of a problem that is a sum of several nonlinear terms; None for others."""
    is_sum = run.problem.is_least_squares and len(run.screen.names) >= FEWEST
    limited = np.isfinite(run.problem.bounds).any()
    if not is_sum or limited or run.steps.any() or not run.problem.linear.any():
        return None
    points = starts.draw(run.problem, run.rng, PROBES)
    points[:, run.problem.linear] = run.rng.uniform(0.5, 2.0, (PROBES, run.problem.linear.sum()))
    points = points[np.isfinite(run.thin.value(points))]
    components = components_of(run.thin, points) if len(points) else ()
    return Assembly(run, starts, components) if len(components) > 1 else None


@dataclasses.dataclass(frozen=True, eq=False)
class Assembly:
    """A problem that is a sum of terms.

    Attributes:
        run: The search.
        starts: Where the parameters of terms come from.
        components: The nonlinear terms.
    """

    run: Run
    starts: AbstractStarts
    components: tuple[Component, ...]

    def round(self) -> None:
        """Choose a few sums independently of all that was found before, then exchange terms."""
        run = self.run
        problem = run.problem.thinned(POINTS, run.rng)
        n_points = min(-(-ATOMS // len(self.components)), MOST_DRAWN)
        points = self.starts.draw(run.problem, run.rng, n_points)
        points[:, run.problem.linear] = 1.0
        atoms = draw_atoms(problem, self.components, points)
        if len(atoms) < len({component.kind for component in self.components}):
            return
        minima = run.refine(self._chosen(problem, atoms), independent=True)
        if len(self.components) >= RECOMBINED:
            minima = self._recombined(problem, atoms, minima)
        self._exchange(problem, atoms, minima)

    def _chosen(self, problem: AbstractProblem, atoms: dict[int, Atoms]) -> np.ndarray:
        """Sums of the atoms that fit best together, a few for each term, shape (k, q)."""
        nonlinear = np.concatenate([component.indices for component in self.components])
        there = np.setdiff1d(np.arange(len(problem.names)), nonlinear)
        point = np.zeros(len(problem.names))
        for component in self.components:  # what is absent has to be finite
            point[component.searched] = atoms[component.kind].values[0]
        residuals, jacobian = problem.linearize(point)
        basis = _orthonormal(jacobian[:, there[problem.linear[there]]])
        left = basis @ (basis.T @ residuals) - residuals
        support, _ = exchanged(atoms, self.components, basis, left, self.run.rng, STREAMS)
        n_built = min(len(support), BUILT_EACH * len(self.components))
        points = np.repeat(point[None], n_built, axis=0)
        for column, component in enumerate(self.components):
            chosen = support[: len(points), column]
            points[:, component.searched] = atoms[component.kind].values[chosen]
            points[:, component.linear] = 1.0
        return in_order(points, self.components)

    def _recombined(
        self, problem: AbstractProblem, atoms: dict[int, Atoms], minima: Minima
    ) -> Minima:
        """The minima of sums that may have terms of these ones, or these if none is lower.

        A sum that is wrong as a whole has terms that are right.
        """
        ended = np.where(problem.linear, 1.0, minima.points[np.isfinite(minima.value)])
        refined = draw_atoms(problem, self.components, ended)
        both = {
            kind: one.joined(refined[kind]) if kind in refined else one
            for kind, one in atoms.items()
        }
        others = self.run.refine(self._chosen(problem, both), independent=False)
        is_lower = others.value[others.best] < minima.value[minima.best] - self.run.tolerance()
        return others if is_lower else minima

    def _graft(
        self,
        problem: AbstractProblem,
        atoms: Atoms,
        point: np.ndarray,
        there: np.ndarray,
        component: Component,
        choice: int,
    ) -> None:
        """Set a term of a point to one of the best few atoms next to the terms that are there."""
        without = np.where(problem.linear, 0.0, point)
        residuals, jacobian = problem.linearize(without)
        basis = _orthonormal(jacobian[:, there[problem.linear[there]]])
        left = basis @ (basis.T @ residuals) - residuals
        gains = atoms.gains(basis, left)
        best = np.argpartition(-gains, min(choice, len(gains) - 1))[:choice]
        point[component.searched] = atoms.values[self.run.rng.choice(best)]
        point[component.linear] = 1.0

    def _descended(self, problem: AbstractProblem, points: np.ndarray, there: np.ndarray) -> Minima:
        """A few steps of the terms that are there."""
        run = self.run
        budget = dataclasses.replace(run.budget, steps=STEPS)
        held = Held(problem, there, points[0] * ~problem.linear)
        return run.minimizer.minimize(held, points[:, there], budget=budget, report=run.report)

    def _exchange(self, problem: AbstractProblem, atoms: dict[int, Atoms], minima: Minima) -> None:
        """Replace single terms of the best sum while that helps."""
        run = self.run
        best = minima.best
        everything = np.arange(len(problem.names))
        failed = 0
        for _ in range(EXCHANGES):
            if run.is_late() or failed == PATIENCE:
                return
            rows = np.repeat(
                minima.points[[best]], len(self.components) * len(REPLACEMENTS), axis=0
            )
            row = iter(rows)
            for component in self.components:
                there = np.setdiff1d(everything, component.indices)
                for choice in REPLACEMENTS:
                    self._graft(problem, atoms[component.kind], next(row), there, component, choice)
            trial = self._descended(problem, rows, everything)
            promising = trial.points[np.argsort(trial.value)[:2]]
            promising = in_order(promising, self.components)
            refined = run.refine(promising, independent=False)
            row_best = refined.best
            if not refined.value[row_best] < minima.value[best] - run.tolerance():
                failed += 1
                continue
            failed = 0
            minima.points[best] = refined.points[row_best]
            minima.value[best] = refined.value[row_best]


def _orthonormal(columns: np.ndarray) -> np.ndarray:
    """An orthonormal basis of what columns span, shape (n, a)."""
    size = np.linalg.norm(columns, axis=0)
    left, values, _ = np.linalg.svd(columns[:, size > 0] / size[size > 0], full_matrices=False)
    return left[:, values > LEAST_NEW]
