"""Find out how a function depends on its parameters, by calling it."""

import collections
import dataclasses
from collections.abc import Callable

import numpy as np

from surefit.data.scales import Scales
from surefit.exceptions import SurefitError
from surefit.models.sampling import draw
from surefit.models.structures.bases import Base, base_at, find_bases, more_vectors
from surefit.models.structures.breaks import refined_role
from surefit.models.structures.exchange import find_families
from surefit.models.structures.mixed import find_mixed, find_turned
from surefit.models.structures.probe import Evaluate, Probe, few_points, is_pointwise_at
from surefit.models.structures.record import Role, Symmetries, Symmetry, swaps
from surefit.models.structures.roles import find_roles
from surefit.models.structures.symmetry import (
    PERIOD_ROUNDING,
    contradicted,
    find_signs,
    same,
)
from surefit.models.structures.whole import Structure
from surefit.models.tracing.decisions import ComparisonUse, Decisions

# Vectors at which it is seen which branches are taken, and bases among them; times that each
# combination of branches should be taken, and further bases for that at most.
DRAWN, KNOWN = 96, 8
TAKEN, MORE = 2, 5
# Odd, so that numbers of combinations wrap around without meeting.
MIXING = 1_000_003
# Factor by which x is stretched to tell a function of a grid from its aliases.
STRETCH = 1.0371


@dataclasses.dataclass(frozen=True, eq=False)
class Trial:
    """What is needed to try a function.

    Attributes:
        evaluate: The function, (flat parameter vector, x) → predictions (n, m).
        label: Its name.
        names: Names of its parameters.
        first_guess: A parameter vector to try first, shape (p,).
        x: All points, (n,) or (n, d).
        scales: Sizes that the data suggest.
        traced: (x, parameter vectors (k, p)) → why it cannot be traced, or "", and its decisions.
        margins: (x, parameter vectors (s, p)) → the margins of its comparisons, arrays (s, …).
    """

    evaluate: Evaluate
    label: str
    names: tuple[str, ...]
    first_guess: np.ndarray
    x: np.ndarray
    scales: Scales
    traced: Callable[[np.ndarray, np.ndarray], tuple[str, Decisions]]
    margins: Callable[[np.ndarray, np.ndarray], list[np.ndarray]]


def find_structure(trial: Trial) -> tuple[Structure, list[np.ndarray]]:
    """Try a function at a few generic parameter vectors and say how it behaves.

    A property holds only if it holds at every vector tried.

    Args:
        trial: The function and where to try it.

    Returns:
        The structure, and the vectors at which it was found.

    Raises:
        ModelFailed: The function is finite at no vector tried, or always raises an error.
    """
    probe, bases, is_pointwise = _tried(trial)
    reason, decisions = trial.traced(probe.x, np.array([base.values for base in bases[:2]]))
    bases = _on_both_sides(trial, probe, bases, decisions)
    further = more_vectors(probe, trial.scales, len(trial.names))
    is_branching = bool(reason) or any(use.depends_on_x for use in decisions.comparisons)
    roles, bases = find_roles(probe, bases, further, trial.scales, is_branching=is_branching)
    for i, role in enumerate(roles):
        if role is Role.smooth and (reason or i in decisions.bending):
            roles[i] = refined_role(probe, bases, i, _places(trial))
    shown = sorted(bases, key=lambda base: -int(base.visible.sum()))
    symmetries = _symmetries(probe, shown, roles, further)
    roles = _agreed(roles, symmetries)
    n_calls = probe.n_calls
    if not is_pointwise and symmetries.periods:
        symmetries = _without_aliases(trial.evaluate, trial.x, shown[0].values, symmetries)
    structure = Structure(
        label=trial.label,
        names=trial.names,
        roles=tuple(roles),
        symmetries=symmetries,
        comparisons=decisions.comparisons,
        is_pointwise=is_pointwise,
        n_outputs=len(bases[0].center) // len(probe.x),
        reason=reason,
        n_calls=n_calls,
    )
    return structure, [base.values for base in bases]


def _tried(trial: Trial) -> tuple[Probe, list[Base], bool]:
    """The function around some vectors, at few points if each point goes by itself."""
    try:
        probe = Probe(trial.evaluate, few_points(trial.x))
        bases = find_bases(probe, trial.scales, trial.first_guess, trial.label)
        if is_pointwise_at(trial.evaluate, bases[0].values, trial.x):
            return probe, bases, True
    except SurefitError:
        pass  # it may need all points, or fail at those between points
    probe = Probe(trial.evaluate, trial.x)
    bases = find_bases(probe, trial.scales, trial.first_guess, trial.label)
    return probe, bases, is_pointwise_at(trial.evaluate, bases[0].values, trial.x)


def _on_both_sides(
    trial: Trial, probe: Probe, bases: list[Base], decisions: Decisions
) -> list[Base]:
    """The bases, and more of them where branches were hardly ever taken: they may hide anything."""
    uses = decisions.comparisons
    deciding = [use.depends_on_x and len(use.parameters) > 0 for use in uses]
    if not any(deciding):
        return bases
    drawn, _ = draw(np.random.default_rng(2), trial.scales, DRAWN, len(trial.names))
    known = [base.values for base in bases[:KNOWN]]
    vectors = np.array([*known, *drawn])[:DRAWN]  # always as many: one shape, compiled once
    margins = trial.margins(probe.x, vectors)
    chosen = [pair for pair, decides in zip(zip(uses, margins, strict=True), deciding, strict=True)
              if decides]  # fmt: skip
    branches, found = _branches(chosen, len(vectors)), list(bases)
    times = collections.Counter(code for own in branches[: len(known)] for code in own)
    for values, own in zip(vectors[len(known) :], branches[len(known) :], strict=True):
        if len(found) - len(bases) == MORE or not any(times[code] < TAKEN for code in own):
            continue
        base = base_at(probe, values)
        if base is not None:
            found.append(base)
            times.update(own)
    return found


def _branches(
    decided: list[tuple[ComparisonUse, np.ndarray]], n_vectors: int
) -> list[frozenset[int]]:
    """For each vector, the combinations of branches that its points take, as numbers.

    Together, not one comparison at a time: an interval from a to b is empty unless a < b.
    """
    codes = np.zeros((n_vectors, 1), dtype=np.int64)
    for use, margin in decided:
        whole = np.nan_to_num(np.floor(margin.reshape(n_vectors, -1)))
        side = np.mod(whole, 2) if use.kind == "integer" else 1.0 * (whole < 0)
        if 1 not in (codes.shape[1], side.shape[1]) and codes.shape[1] != side.shape[1]:
            side = np.ptp(side, axis=1, keepdims=True)
        codes = MIXING * codes + side.astype(np.int64)
    return [frozenset(row.tolist()) for row in codes]


def _places(trial: Trial) -> list[tuple[float, float]]:
    """Intervals within which a parameter may cross many points, one for each input."""
    low, high = np.quantile(trial.x.reshape(len(trial.x), -1), [0.2, 0.8], axis=0)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def _symmetries(
    probe: Probe, bases: list[Base], roles: list[Role], further: list[np.ndarray]
) -> Symmetries:
    """All that hold around the bases and are not contradicted further away."""
    flips, periods = find_signs(probe, bases, roles)
    flips += find_turned(probe, bases, roles)
    known = Symmetries(tuple(find_families(probe, bases)), tuple(flips), (), tuple(periods))
    known = dataclasses.replace(known, mixed=tuple(find_mixed(probe, bases, roles, known)))
    wrong = {one for one in known.generators if contradicted(probe, further, one)}
    if not wrong:
        return known
    return Symmetries(
        tuple(family for family in known.families if not wrong & set(swaps(family))),
        tuple(flip for flip in known.flips if flip not in wrong),
        tuple(one for one in known.mixed if one not in wrong),
        tuple(pair for pair in known.periods if Symmetry(shifted=(pair,)) not in wrong),
    )


def _agreed(roles: list[Role], symmetries: Symmetries) -> list[Role]:
    """Corresponding parameters of interchangeable blocks bend the function alike."""
    agreed = list(roles)
    for family in symmetries.families:
        for kind in zip(*family, strict=True):
            for role in (Role.kink, Role.broken):
                if any(agreed[i] is role for i in kind):
                    for i in kind:
                        agreed[i] = role
    return agreed


def _without_aliases(
    evaluate: Evaluate, x: np.ndarray, values: np.ndarray, found: Symmetries
) -> Symmetries:
    """Only periods that are not those of the grid: they must hold on a stretched one, too."""
    stretched = Probe(evaluate, x * STRETCH)
    base = base_at(stretched, values)
    true = tuple(
        (i, period)
        for i, period in found.periods
        if base is not None
        and same(
            stretched(Symmetry(shifted=((i, period),)).apply(values)),
            base.center,
            base,
            PERIOD_ROUNDING,
        )
    )
    known = {i for i, _ in true}

    def kept(symmetries: tuple[Symmetry, ...]) -> tuple[Symmetry, ...]:
        return tuple(one for one in symmetries if {i for i, _ in one.shifted} <= known)

    return Symmetries(found.families, kept(found.flips), kept(found.mixed), true)
