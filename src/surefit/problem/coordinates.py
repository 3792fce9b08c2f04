"""The free coordinates of a fit, and the full parameter vector that belongs to them."""

import dataclasses
import functools
from typing import Any

import jax.numpy as jnp
import numpy as np

from surefit.problem.order import Chain
from surefit.problem.ties import Tie


@dataclasses.dataclass(frozen=True, eq=False)
class Coordinates:
    """A map from free coordinates (q) to all parameters (p): some fixed, tied, or in order.

    There is one coordinate for each free parameter, in their order. It is the parameter itself,
    unless that follows another in a chain.

    Attributes:
        all_names: Names of all parameters.
        fixed: Values of fixed parameters, NaN elsewhere, shape (p,).
        lower: Lower limits of the parameters, shape (p,).
        upper: Upper limits.
        chains: Free parameters that are in order.
        ties: Parameters that are functions of others, each after those that it depends on.
    """

    all_names: tuple[str, ...]
    fixed: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    chains: tuple[Chain, ...] = ()
    ties: tuple[Tie, ...] = ()

    @functools.cached_property
    def free(self) -> np.ndarray:
        """Mask of the free parameters, shape (p,)."""
        free = np.isnan(self.fixed)
        free[[tie.target for tie in self.ties]] = False
        return free

    @property
    def is_selection(self) -> bool:
        """Whether each coordinate is a parameter."""
        return not self.chains and not self.ties

    @property
    def is_affine(self) -> bool:
        """Whether all parameters are an affine function of the coordinates."""
        ties = all(tie.coefficients is not None for tie in self.ties)
        return ties and all(chain.is_affine for chain in self.chains)

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the coordinates."""
        names = list(self.all_names)
        for chain in self.chains:
            for member, name in zip(chain.members, chain.names(self.all_names), strict=True):
                names[member] = name
        return tuple(name for name, is_free in zip(names, self.free, strict=True) if is_free)

    @functools.cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper limits of the coordinates, each of shape (q,)."""
        lower, upper = self.lower.copy(), self.upper.copy()
        for chain in self.chains:
            lower[list(chain.members)], upper[list(chain.members)] = chain.bounds
        return lower[self.free], upper[self.free]

    def linear(self, is_linear: np.ndarray) -> np.ndarray:
        """Mask of the coordinates in which a prediction is jointly linear, shape (q,).

        Args:
            is_linear: Mask of the parameters in which it is, shape (p,).
        """
        unlimited = np.isinf(self.lower) & np.isinf(self.upper)
        candidates = is_linear & self.free & unlimited
        for chain in self.chains:
            candidates[list(chain.members)] = False
        changed = True
        while changed:  # a tie may make parameters nonlinear, and these may make others so
            changed = False
            degrees = candidates.astype(int).tolist()
            for tie in self.ties:
                variable = [degrees[i] > 0 for i in tie.sources]
                degrees[tie.target] = tie.degree(variable) if any(variable) else 0
                if degrees[tie.target] > int(is_linear[tie.target]):
                    candidates &= ~self._involved(tie)
                    changed = True
                    break
        return candidates[self.free]

    def _involved(self, tie: Tie) -> np.ndarray:
        """Mask of the parameters on which a tied one depends, also through other ties."""
        mask, by_target = (
            np.zeros(len(self.all_names), dtype=bool),
            {t.target: t for t in self.ties},
        )
        waiting = list(tie.sources)
        while waiting:
            i = waiting.pop()
            mask[i] = True
            waiting += by_target[i].sources if i in by_target else ()
        return mask

    def expand(self, points: np.ndarray) -> np.ndarray:
        """All parameters, shape (s, p), of coordinates, shape (s, q)."""
        full = np.repeat(np.nan_to_num(self.fixed)[None], len(points), axis=0)
        full[:, self.free] = points
        for chain in self.chains:
            members = list(chain.members)
            full[:, members] = np.stack(chain.expand(list(full[:, members].T), np), axis=1)
        for tie in self.ties:
            full[:, tie.target] = tie.values([full[:, i] for i in tie.sources])
        return full

    def on_device(self, point: Any) -> Any:
        """All parameters, shape (p,), of one vector of coordinates, in JAX."""
        full = jnp.asarray(np.nan_to_num(self.fixed)).at[np.flatnonzero(self.free)].set(point)
        for chain in self.chains:
            members = np.array(chain.members)
            values = chain.expand([full[i] for i in chain.members], jnp)
            full = full.at[members].set(jnp.stack(values))
        for tie in self.ties:
            full = full.at[tie.target].set(tie.on_device([full[i] for i in tie.sources]))
        return full

    def jacobian(self, points: np.ndarray) -> np.ndarray:
        """Derivatives of all parameters by the coordinates, shape (s, p, q)."""
        free = np.flatnonzero(self.free)
        position = {int(i): k for k, i in enumerate(free)}
        full = self.expand(points)
        slopes = np.zeros((len(points), len(self.all_names), len(free)))
        slopes[:, free, np.arange(len(free))] = 1.0
        for chain in self.chains:
            places = [position[i] for i in chain.members]
            own = chain.slopes(list(points[:, places].T))
            for row, member in enumerate(chain.members):
                slopes[:, member, places] = own[:, row]
        for tie in self.ties:
            by_source = tie.slopes([full[:, i] for i in tie.sources])
            slopes[:, tie.target] = np.einsum("sk,skq->sq", by_source, slopes[:, tie.sources])
        return slopes

    def covariance(self, point: np.ndarray, of_point: np.ndarray) -> np.ndarray:
        """Covariance of all parameters, shape (p, p), from that of the coordinates at a point.

        Args:
            point: The coordinates, shape (q,).
            of_point: Their covariance, shape (q, q).
        """
        if not self.is_selection:
            slopes = self.jacobian(point[None])[0]
            return slopes @ of_point @ slopes.T
        full = np.zeros((len(self.free),) * 2)
        full[np.ix_(self.free, self.free)] = of_point
        return full

    def of(self, full: np.ndarray) -> np.ndarray:
        """Coordinates, shape (s, q), of parameters, moved to where limits and order allow."""
        full = full.copy()
        for chain in self.chains:
            members = list(chain.members)
            full[:, members] = chain.coordinates(full[:, members])
        return np.clip(full[:, self.free], *self.bounds)

    def remarks(self, by_coordinate: dict[str, str], full: np.ndarray) -> dict[str, str]:
        """Remarks on coordinates as remarks on the parameters that they stand for.

        Args:
            by_coordinate: Remarks by name of coordinate.
            full: Values of all parameters, shape (p,).
        """
        owners = [name for name, free in zip(self.all_names, self.free, strict=True) if free]
        owner = dict(zip(self.names, owners, strict=True))
        found = {owner.get(name, name): remark for name, remark in by_coordinate.items()}
        for chain in self.chains:
            for one, other in zip(chain.members, chain.members[1:], strict=False):
                first, second = self.all_names[one], self.all_names[other]
                flagged = [str(found.get(name, "")) for name in (first, second)]
                if full[one] == full[other] and any(map(_is_limit, flagged)):
                    for name, equal in ((first, second), (second, first)):
                        if found.get(name, "at its limit") == "at its limit":
                            found[name] = f"at its limit: equal to {equal}"
        return found


def _is_limit(remark: str) -> bool:
    return remark.startswith("at its limit")
