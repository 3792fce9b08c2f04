"""Parameters in order, a <= b <= c, by coordinates whose limits are those of a box."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from surefit.exceptions import InvalidBounds, InvalidOption, InvalidType
from surefit.models.parameters import Parameters
from surefit.problem.naming import place


@dataclasses.dataclass(frozen=True)
class Chain:
    """Free parameters that do not decrease, each within its own limits.

    One of them, the root, is a coordinate itself. Of each other one the coordinate is its distance
    from its neighbor on the side of the root, at least 0; or, where it has a limit on the far side,
    the fraction of the way to that limit. So an order that is active is a coordinate at its limit,
    exactly, as minimizers know how to handle.

    Attributes:
        members: Positions in the flat vector, smallest parameter first.
        lower: The lower limit of each that follows from all limits; they do not decrease.
        upper: The upper limit of each.
        root: Place of the root among the members.
    """

    members: tuple[int, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    root: int

    @property
    def _steps(self) -> list[tuple[int, int, float]]:
        """Place, neighbor's place and direction of each member but the root, outward."""
        up = [(k, k - 1, 1.0) for k in range(self.root + 1, len(self.members))]
        return up + [(k, k + 1, -1.0) for k in range(self.root - 1, -1, -1)]

    def _far(self, k: int, direction: float) -> float:
        """The limit on the far side of a member."""
        return self.upper[k] if direction > 0 else self.lower[k]

    def _near(self, k: int, neighbor: int, direction: float) -> float | None:
        """The limit on the near side, where it is tighter than the neighbor's."""
        limits = self.lower if direction > 0 else self.upper
        return None if limits[k] == limits[neighbor] else limits[k]

    @property
    def is_affine(self) -> bool:
        """Whether it needs no fractions and has no kinks."""
        return not any(
            np.isfinite(self._far(k, direction)) or self._near(k, neighbor, direction) is not None
            for k, neighbor, direction in self._steps
        )

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Limits of the coordinates."""
        low, high = np.zeros(len(self.members)), np.full(len(self.members), np.inf)
        for k, _, direction in self._steps:
            high[k] = 1.0 if np.isfinite(self._far(k, direction)) else np.inf
        low[self.root], high[self.root] = self.lower[self.root], self.upper[self.root]
        return low, high

    def names(self, names: Sequence[str]) -> list[str]:
        """What to call the coordinates."""
        called = [names[member] for member in self.members]
        for k, neighbor, direction in self._steps:
            if not np.isfinite(self._far(k, direction)):
                above, below = (k, neighbor) if direction > 0 else (neighbor, k)
                called[k] = f"{names[self.members[above]]} - {names[self.members[below]]}"
        return called

    def expand(self, coordinates: Sequence[Any], xp: Any) -> list[Any]:
        """The parameters, in the order of `members`.

        Args:
            coordinates: One array or number for each member.
            xp: The module to compute with, `numpy` or `jax.numpy`.
        """
        values = list(coordinates)
        for k, neighbor, direction in self._steps:
            begin, near = values[neighbor], self._near(k, neighbor, direction)
            if near is not None:
                begin = (xp.maximum if direction > 0 else xp.minimum)(begin, near)
            far = self._far(k, direction)
            room = far - begin if np.isfinite(far) else direction
            values[k] = begin + room * coordinates[k]
        return values

    def slopes(self, coordinates: Sequence[np.ndarray]) -> np.ndarray:
        """Derivatives of the members by the coordinates, shape (s, k, k)."""
        k = len(self.members)
        found = np.zeros((len(coordinates[0]), k, k))
        found[:, self.root, self.root] = 1.0
        values = self.expand(coordinates, np)
        for k, neighbor, direction in self._steps:
            begin, near = values[neighbor], self._near(k, neighbor, direction)
            follows = np.ones(len(begin))
            if near is not None:
                follows = 1.0 * (direction * begin >= direction * near)
                begin = np.where(follows > 0, begin, near)
            far = self._far(k, direction)
            is_fraction = np.isfinite(far)
            share = 1 - coordinates[k] if is_fraction else 1.0
            found[:, k] = (follows * share)[:, None] * found[:, neighbor]
            found[:, k, k] = far - begin if is_fraction else direction
        return found

    def coordinates(self, values: np.ndarray) -> np.ndarray:
        """The coordinates of parameters, those out of order or limits moved to where they may be.

        Args:
            values: Parameters in the order of `members`, shape (s, k).
        """
        values, found = values.copy(), np.zeros_like(values)
        root = np.clip(values[:, self.root], self.lower[self.root], self.upper[self.root])
        found[:, self.root] = values[:, self.root] = root
        for k, neighbor, direction in self._steps:
            begin, near = values[:, neighbor], self._near(k, neighbor, direction)
            if near is not None:
                begin = (np.maximum if direction > 0 else np.minimum)(begin, near)
            far = self._far(k, direction)
            distance = np.maximum(direction * (values[:, k] - begin), 0.0)
            room = direction * (far - begin) if np.isfinite(far) else np.ones(len(begin))
            distance = np.minimum(distance, room) if np.isfinite(far) else distance
            values[:, k] = begin + direction * distance
            found[:, k] = distance / np.where(room > 0, room, 1.0)
        return found


def check_order(parameters: Parameters, order: Any) -> tuple[tuple[int, ...], ...]:
    """Read `order=`: one tuple of names, or a list of such tuples.

    Args:
        parameters: The model's parameters.
        order: Names, the smallest parameter first.

    Returns:
        Positions of the parameters in each.

    Raises:
        UnknownParameter: A name is not one of the model's.
        InvalidOption: A tuple has fewer than two names, or a parameter occurs twice.
        InvalidType: It is none of these.
    """
    if order is None:
        return ()
    if isinstance(order, str) or not isinstance(order, Sequence):
        raise InvalidType(
            f"order is {order!r}; pass a tuple of names, the smallest first, such as "
            "order=('mean1', 'mean2'), or a list of such tuples."
        )
    is_one = len(order) > 0 and all(isinstance(item, str) for item in order)
    tuples = [order] if is_one else list(order)
    chains = []
    for names in tuples:
        if isinstance(names, str) or not isinstance(names, Sequence) or len(names) < 2:
            raise InvalidOption(f"order has {names!r}; give a tuple of at least two names.")
        chains.append(tuple(place(parameters, name, "order") for name in names))
    flat = [i for chain in chains for i in chain]
    twice = [parameters.names[i] for i in flat if flat.count(i) > 1]
    if twice:
        raise InvalidOption(
            f"order names {twice[0]} twice; put what belongs together in one tuple, such as "
            "('a', 'b', 'c')."
        )
    return tuple(chains)


def chains_of(
    order: tuple[tuple[int, ...], ...],
    names: tuple[str, ...],
    lower: np.ndarray,
    upper: np.ndarray,
    fixed: np.ndarray,
) -> tuple[Chain, ...]:
    """The chains of free parameters, cut where one is fixed.

    Args:
        order: Positions of the parameters in each tuple.
        names: Names of all parameters.
        lower: Lower limits, −inf where there is none.
        upper: Upper limits.
        fixed: Values of fixed parameters, NaN where free.

    Raises:
        InvalidBounds: No values within the limits, and with the fixed ones, are in this order.
    """
    chains = []
    for members in order:
        index = np.array(members)
        held = fixed[index]
        low = np.maximum.accumulate(np.where(np.isnan(held), lower[index], held))
        high = np.minimum.accumulate(np.where(np.isnan(held), upper[index], held)[::-1])[::-1]
        bad = np.flatnonzero(low > high)
        if len(bad):
            i = bad[0]
            raise InvalidBounds(
                f"order asks for {' <= '.join(names[j] for j in members)}, but limits or fixed "
                f"values leave no room for {names[members[i]]}: it has to be at least {low[i]:g} "
                f"and at most {high[i]:g}."
            )
        stuck = np.flatnonzero((low == high) & np.isnan(held))
        if len(stuck):
            i = stuck[0]
            raise InvalidBounds(
                f"order, limits and fixed values leave {names[members[i]]} the one value "
                f"{low[i]:g}; fix it there."
            )
        cuts = np.flatnonzero(~np.isnan(held))
        for run in np.split(np.arange(len(members)), cuts):
            run = run[np.isnan(held[run])]
            if len(run):
                chains.append(_chain(index[run], low[run], high[run]))
    return tuple(chains)


def _chain(members: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Chain:
    """A chain whose root needs no kinks if that can be, and then the fewest fractions.

    Seen from the root, a member has a kink where it has a tighter limit on the near side than its
    neighbor: where the two meet at that limit, no derivative tells how to go on.
    """
    limits = (tuple(members.tolist()), tuple(lower.tolist()), tuple(upper.tolist()))

    def cost(root: int) -> tuple[int, int]:
        kinks = np.sum(np.diff(lower[root:]) > 0) + np.sum(np.diff(upper[: root + 1]) > 0)
        fractions = np.isfinite(upper[root + 1 :]).sum() + np.isfinite(lower[:root]).sum()
        return int(kinks), int(fractions)

    with np.errstate(invalid="ignore"):  # infinite limits do not differ
        return Chain(*limits, min(range(len(members)), key=cost))
