"""Candidates for the searched parameters of all rows, drawn once for the whole batch."""

import dataclasses

import numpy as np

from surefit.data.scales import Scales
from surefit.many.batch import Batch
from surefit.many.states import Limits, Roles
from surefit.models.sampling import ROLES, draw_roles

# Rows whose scales candidates are drawn from: heights may differ between rows.
SCALED = 16
# Share of candidates whose parameters play the roles that did best before.
LEARNED = 0.75
# Relative size of the moves around a point that is known to be good, from and to.
SMALLEST_KICK, LARGEST_KICK = 0.02, 0.6
# Factor between the ranges of x of different rows up to which their minima may be compared.
COMPARABLE = 2.0


@dataclasses.dataclass(frozen=True, eq=False)
class Candidates:
    """Values of the searched parameters: the same for all rows, or scaled to the data of each.

    Attributes:
        points: Shape (m, q).
        roles: Role in which each value was drawn, index into `ROLES`, shape (m, q); or None where
            the values come from other rows.
        lower: Lower limits of the searched parameters, shape (q,).
        upper: Upper limits, shape (q,).
        is_scaled: Whether points are for x between 0 and 1 and y of size 1, and are scaled to
            each row.
    """

    points: np.ndarray
    roles: np.ndarray | None
    lower: np.ndarray
    upper: np.ndarray
    is_scaled: bool

    def __len__(self) -> int:
        return len(self.points)

    def of(self, batch: Batch, rows: np.ndarray) -> np.ndarray:
        """The candidates of each row, shape (rows, m, q), or (1, m, q) if they are the same."""
        if not self.is_scaled or self.roles is None:
            return self.points[None]
        low, extent, height = (array[rows][:, None, None] for array in row_scales(batch))
        value = self.points[None]
        scaled = {
            "location": low + extent * value,
            "width": extent * value,
            "rate": value / extent,
            "order_one": value + 0 * extent,
            "height": height * value,
            "frequency": value / extent,
            "period": extent * value,
        }
        points = np.choose(self.roles[None], [scaled[role] for role in ROLES])
        return within(points, self.lower, self.upper)

    def chosen(self, batch: Batch, rows: np.ndarray, winners: np.ndarray) -> np.ndarray:
        """The candidates that won in each row, shape (rows, g, q).

        Args:
            batch: The data.
            rows: Rows of the batch, shape (s,).
            winners: Indices of candidates, shape (s, g).
        """
        if not self.is_scaled or self.roles is None:
            return self.points[winners]
        pieces = [
            np.take_along_axis(self.of(batch, rows[[i]]), winners[i][None, :, None], axis=1)
            for i in range(len(rows))
        ]
        return np.concatenate(pieces) if pieces else self.points[winners]


def plausible(
    rng: np.random.Generator,
    batch: Batch,
    roles: Roles,
    limits: Limits,
    m: int,
    learned: np.ndarray,
) -> Candidates:
    """Draw candidates over the scales that the data suggest.

    Args:
        rng: Source of randomness.
        batch: The data.
        roles: Which parameters are searched.
        limits: Their limits.
        m: How many candidates.
        learned: Combinations of roles that did best before, shape (r, q); r may be 0.
    """
    which = list(roles.searched)
    drawn = rng.integers(len(ROLES), size=(m, len(which)))
    if len(learned):
        follows = rng.uniform(size=m) < LEARNED
        drawn[follows] = learned[rng.integers(len(learned), size=int(follows.sum()))]
    is_scaled = not batch.is_shared and batch.x.ndim == 2
    scales = [_unit_scales(batch)] if is_scaled else some_scales(batch)
    points = np.empty(drawn.shape)
    for i, one in enumerate(scales):
        points[i :: len(scales)] = draw_roles(rng, one, drawn[i :: len(scales)])
    lower, upper = limits.lower[which], limits.upper[which]
    if not is_scaled:
        points = within(points, lower, upper, rng)
    return Candidates(points, drawn, lower, upper, is_scaled)


def near(
    rng: np.random.Generator,
    batch: Batch,
    roles: Roles,
    limits: Limits,
    m: int,
    good: np.ndarray,
) -> Candidates | None:
    """Good points, and moves around them and between them.

    Args:
        rng: Source of randomness.
        batch: The data.
        roles: Which parameters are searched.
        limits: Their limits.
        m: How many candidates.
        good: Points that are the best of some rows, shape (g, q).

    Returns:
        The candidates; None if there are no good points, or what is good for one row means
        nothing for another, whose x lie elsewhere.
    """
    if not len(good) or not _is_comparable(batch):
        return None
    n_same = min(len(good), m // 2)
    base = good[rng.integers(len(good), size=m - n_same)]
    other = good[rng.integers(len(good), size=m - n_same)]
    mixed = np.where(rng.uniform(size=base.shape) < 0.5, other, base)
    size = np.exp(rng.uniform(np.log(SMALLEST_KICK), np.log(LARGEST_KICK), (len(base), 1)))
    spread = np.maximum(np.abs(mixed), np.std(good, axis=0))
    kicked = mixed + size * spread * rng.standard_normal(base.shape)
    which = list(roles.searched)
    lower, upper = limits.lower[which], limits.upper[which]
    # Groups compete among themselves: each holds some of the minima and of what is around.
    points = rng.permutation(np.concatenate([good[:n_same], kicked]))
    return Candidates(within(points, lower, upper, rng), None, lower, upper, False)


def within(
    points: np.ndarray, lower: np.ndarray, upper: np.ndarray, rng: np.random.Generator | None = None
) -> np.ndarray:
    """Points inside the limits: redrawn or clipped between two, mirrored at one.

    Args:
        points: Shape (…, q).
        lower: Shape (q,).
        upper: Shape (q,).
        rng: Source of randomness for what is redrawn; without, it is folded back.
    """
    both = np.isfinite(lower) & np.isfinite(upper)
    width = np.where(both, upper - lower, 1.0)
    start = np.where(both, lower, 0.0)
    share = np.mod((points - start) / width, 1.0) if rng is None else rng.uniform(size=points.shape)
    mirrored = np.where(points < lower, 2 * lower - points, 2 * upper - points)
    inside = (points >= lower) & (points <= upper)
    moved = np.where(both, start + width * share, np.where(inside, points, mirrored))
    return np.where(inside, points, np.clip(moved, lower, upper))


def row_scales(batch: Batch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smallest x, extent of x and size of y of each row with its own x, three arrays (k,)."""
    low, high = batch.x.min(axis=1), batch.x.max(axis=1)
    extent = np.where(high > low, high - low, np.maximum(np.abs(high), 1.0))
    top, bottom = batch.y.max(axis=1), batch.y.min(axis=1)
    height = np.maximum(np.maximum(np.abs(top), np.abs(bottom)), top - bottom)
    return low, extent, np.where(height > 0, height, 1.0)


def _is_comparable(batch: Batch) -> bool:
    """Whether all rows have x in about the same range."""
    if batch.is_shared:
        return True
    x = batch.x.reshape(len(batch), batch.x.shape[1], -1)
    low, high = x.min(axis=1), x.max(axis=1)
    extent, whole = high - low, high.max(axis=0) - low.min(axis=0)
    return bool(np.all(whole <= COMPARABLE * np.maximum(np.median(extent, axis=0), 1e-300)))


def _unit_scales(batch: Batch) -> Scales:
    """Scales of data whose x lie between 0 and 1 and whose y have size 1."""
    spacing = 1.0 / max(float(np.median(batch.n_points)) - 1.0, 1.0)
    return Scales((0.0,), (1.0,), (spacing,), 0.0, 1.0)


def some_scales(batch: Batch) -> list[Scales]:
    """Scales of rows spread over the batch."""
    rows = np.unique(np.linspace(0, len(batch) - 1, SCALED).astype(int))
    return [batch.scales(int(row)) for row in rows]
