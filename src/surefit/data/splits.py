"""Some of the points of a sample: to fit, to validate, to test; and folds that take turns."""

import abc
import dataclasses
from typing import Any, NamedTuple

import numpy as np

from surefit.data.checked import Data, check_data
from surefit.data.data_sets import with_counts
from surefit.exceptions import InvalidOption


def taken(data: Data, rows: np.ndarray) -> Data:
    """Some of a sample's points, in the order of the sample; correlated errors keep their block.

    Args:
        data: The checked data.
        rows: Indices or a mask of points, each at most once.

    Example:
        >>> taken(check_data([1, 2, 3], [4, 5, 6]), np.array([2, 0])).y[:, 0].tolist()
        [4.0, 6.0]
    """
    counts = np.bincount(np.arange(data.n_points)[rows], minlength=data.n_points)
    return with_counts(data, counts[None]).of(0)


class Arrays(NamedTuple):
    """A sample as `surefit.fit` takes it: `fit(part.x, part.y, model, part.yerr)`.

    Attributes:
        x: Inputs, shape (n,) or (n, d).
        y: Outputs, shape (n,) or (n, m).
        yerr: Standard deviations in the shape of y, a covariance, or None.
    """

    x: np.ndarray
    y: np.ndarray
    yerr: np.ndarray | None


def arrays_of(data: Data) -> Arrays:
    """Checked data in the shape in which they were given.

    Args:
        data: The checked data.
    """
    single = data.is_single_output
    y, sigma = (a[:, 0] if single else a for a in (data.y, data.noise.sigma))
    if data.noise.covariance is not None:
        return Arrays(data.x, y, data.noise.covariance)
    return Arrays(data.x, y, sigma if data.noise.is_given else None)


class Split(NamedTuple):
    """A sample in three parts.

    Attributes:
        train: To fit models to.
        validation: To choose between models.
        test: To say how good the chosen one is; looked at once.
    """

    train: Arrays
    validation: Arrays
    test: Arrays


def split(
    x: Any, y: Any, yerr: Any = None, *, validation: float = 0.2, test: float = 0.2, key: int = 0
) -> Split:
    """Divide a sample at random into parts to fit, to choose, and to test.

    The error on the points that a model was fitted to falls with every parameter. Those that chose
    between models flatter the one chosen. Only what took part in neither says how good it is.

    Args:
        x: Inputs, as for `fit`.
        y: Outputs, as for `fit`.
        yerr: Errors on y, as for `fit`.
        validation: Share of the points for validation.
        test: Share of the points for the test.
        key: Seed; the same one gives the same parts.

    Returns:
        The parts, each with its points in the order given.

    Raises:
        InvalidOption: The shares leave a part without points, other than one with share 0.
        SurefitError: The data cannot be used.

    Example:
        >>> import surefit as sf
        >>> parts = sf.split(range(10), range(10))
        >>> [len(part.y) for part in parts]
        [6, 2, 2]
    """
    data = check_data(x, y, yerr)
    n = data.n_points
    sizes = [round(n * share) for share in (validation, test)]
    shares_are_valid = validation >= 0 and test >= 0 and validation + test < 1
    if not shares_are_valid or n - sum(sizes) < 1:
        raise InvalidOption(
            f"validation={validation:g} and test={test:g} leave no points of {n} to fit; give "
            "shares that are not negative and add up to less than 1."
        )
    if any(share > 0 and not size for share, size in zip((validation, test), sizes, strict=True)):
        raise InvalidOption(
            f"validation={validation:g} and test={test:g} of {n} points leave a part without any; "
            "give a larger share, or 0."
        )
    order = np.random.default_rng(key).permutation(n)
    cuts = np.cumsum([n - sum(sizes), sizes[0]])
    rows = [np.sort(part) for part in np.split(order, cuts)]
    return Split(*(arrays_of(taken(data, part)) for part in rows))


class AbstractFolds(abc.ABC):
    """How points are dealt to folds, each of which is left out once."""

    @abc.abstractmethod
    def assign(self, data: Data, rng: np.random.Generator) -> np.ndarray:
        """The fold of each point, shape (n,), from 0."""

    @abc.abstractmethod
    def __str__(self) -> str:
        """What they are, in a few words."""


@dataclasses.dataclass(frozen=True)
class StratifiedFolds(AbstractFolds):
    """Folds that each cover the whole range of x: neighbors go to different ones, at random.

    With several inputs points are dealt at random.

    Attributes:
        n: How many; at most one for each point.

    Example:
        >>> data = check_data([1, 2, 3, 4], [0, 0, 0, 0])
        >>> sorted(StratifiedFolds(2).assign(data, np.random.default_rng(0))[:2].tolist())
        [0, 1]
    """

    n: int = 10

    def assign(self, data: Data, rng: np.random.Generator) -> np.ndarray:
        n = checked_number(self.n, data)
        if data.n_inputs > 1:
            return RandomFolds(n).assign(data, rng)
        rounds = [rng.permutation(n) for _ in range(-(-data.n_points // n))]
        fold = np.empty(data.n_points, dtype=int)
        fold[np.argsort(data.inputs[:, 0], kind="stable")] = np.concatenate(rounds)[: data.n_points]
        return fold

    def __str__(self) -> str:
        return f"{self.n} folds spread over x"


@dataclasses.dataclass(frozen=True)
class RandomFolds(AbstractFolds):
    """Folds of points drawn at random, of sizes that differ by one at most.

    Attributes:
        n: How many; at most one for each point.
    """

    n: int = 10

    def assign(self, data: Data, rng: np.random.Generator) -> np.ndarray:
        n = checked_number(self.n, data)
        return rng.permutation(np.arange(data.n_points) % n)

    def __str__(self) -> str:
        return f"{self.n} folds at random"


def checked_number(n: Any, data: Data) -> int:
    """The number of folds, if there can be so many.

    Raises:
        InvalidOption: It is no whole number from 2 to the number of points.
    """
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or not 2 <= n <= data.n_points:
        raise InvalidOption(
            f"folds is {n!r}; give a whole number from 2 to the number of points, {data.n_points}."
        )
    return int(n)
