"""What the user said of the parameters as a plain document, and back."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from surefit.exceptions import NotAvailable
from surefit.models.parameters import Parameters
from surefit.problem.constraints import Constraints, check_constraints
from surefit.problem.gaussian import Gaussian
from surefit.problem.ties import Tie


@dataclasses.dataclass(frozen=True)
class LostFunction:
    """Stands for a function of parameters that a file could not hold.

    Attributes:
        text: What the function was called.
    """

    text: str

    def __call__(self, *values: Any) -> Any:
        """Never a value.

        Raises:
            NotAvailable: Always.
        """
        raise NotAvailable(
            f"The fit was read from a file, which does not hold the {self.text} that ties a "
            "parameter; write the tie as a formula, or fit again."
        )


def constraints_document(constraints: Constraints) -> dict[str, Any]:
    """Describe what was said of the parameters by names, numbers and formulas.

    Args:
        constraints: The checked constraints.

    Returns:
        A document for `constraints_from_document`.
    """
    names = constraints.names
    limited = np.isfinite(constraints.lower) | np.isfinite(constraints.upper)
    bounds = zip(constraints.lower.tolist(), constraints.upper.tolist(), strict=True)
    return {
        "bounds": {
            name: [low if np.isfinite(low) else None, high if np.isfinite(high) else None]
            for name, (low, high), is_limited in zip(names, bounds, limited, strict=True)
            if is_limited
        },
        "fixed": {
            name: value
            for name, value in zip(names, constraints.fixed.tolist(), strict=True)
            if not np.isnan(value)
        },
        "ties": {
            names[tie.target]: {"text": tie.text, "is_formula": tie.is_formula}
            for tie in constraints.ties
        },
        "order": [[names[i] for i in chain] for chain in constraints.order],
        "measured": {
            "rows": constraints.gaussian.rows,
            "targets": constraints.gaussian.targets,
        },
        "penalty": None if constraints.penalty is None else constraints.penalty.rows,
    }


def constraints_from_document(
    document: Mapping[str, Any], parameters: Parameters, working: np.ndarray
) -> Constraints:
    """The constraints of a saved fit.

    Args:
        document: The whole document of the fit.
        parameters: Its model's parameters.
        working: Their values; those of parameters not free were fixed, where the file, being
            of an earlier time, says no more.
    """
    entry = document.get("constraints")
    if entry is None:
        pairs = zip(parameters.names, working.tolist(), document["free"], strict=True)
        held = {name: value for name, value, is_free in pairs if not is_free}
        return _held(parameters, held)
    formulas = {n: tie["text"] for n, tie in entry["ties"].items() if tie["is_formula"]}
    known = check_constraints(
        parameters,
        bounds={name: tuple(pair) for name, pair in entry["bounds"].items()},
        ties=formulas,
        order=[tuple(chain) for chain in entry["order"]] or None,
    )
    fixed = _held(parameters, entry["fixed"]).fixed
    lost = tuple(
        Tie(parameters.names.index(name), (), tie["text"], LostFunction(tie["text"]))
        for name, tie in entry["ties"].items()
        if not tie["is_formula"]
    )
    rows = np.array(entry["measured"]["rows"], dtype=np.float64).reshape(-1, parameters.size)
    targets = np.array(entry["measured"]["targets"], dtype=np.float64)
    gaussian = Gaussian(rows, targets)
    penalty = None
    if entry.get("penalty") is not None:
        rows = np.array(entry["penalty"], dtype=np.float64).reshape(-1, parameters.size)
        penalty = Gaussian(rows, np.zeros(len(rows)))
    return dataclasses.replace(
        known, fixed=fixed, ties=(*known.ties, *lost), gaussian=gaussian, penalty=penalty
    )


def _held(parameters: Parameters, values: Mapping[str, float]) -> Constraints:
    """Constraints that fix these values, be they all."""
    known = check_constraints(parameters)
    for name, value in values.items():
        known.fixed[parameters.names.index(name)] = value
    return known
