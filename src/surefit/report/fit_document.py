"""A fit as a plain document, and back: what `fit.json` holds."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from surefit.data.checked import Data
from surefit.data.noise import Noise
from surefit.data.reading import AtPoints
from surefit.exceptions import FileProblem
from surefit.minimizers.base import Status
from surefit.models.function import ResolvedFunction
from surefit.models.stored_function import stored
from surefit.report.constraints_document import (
    constraints_document,
    constraints_from_document,
)
from surefit.report.documents import model_document, model_from_document
from surefit.report.loss_text import loss_from_text
from surefit.report.penalty_text import penalty_from_text
from surefit.report.reading_text import reading_from_text
from surefit.search.base import Evidence
from surefit.uncertainty.fit_record import FitRecord

# What a reader must find in the file, and the version that this code writes and reads.
FORMAT = "surefit.fit"
VERSION = 1


def fit_document(fit: FitRecord) -> dict[str, Any]:
    """Everything a fit holds, as plain numbers, strings, lists and dicts.

    Args:
        fit: A `Fit`.

    Returns:
        The document. Values and errors by name come first, for people who read the file;
        `fit_fields` reads the working parameters back, exactly.
    """
    data, noise = fit.data, fit.data.noise
    return {
        "format": FORMAT,
        "version": VERSION,
        "description": str(fit.model),
        "values": dict(fit.values),
        "errors": dict(fit.errors),
        "chi2": fit.chi2,
        "ndof": fit.ndof,
        "pvalue": fit.pvalue,
        "rss": fit.rss,
        "valid": fit.valid,
        "status": fit.status.name,
        "advice": fit.status.advice,
        "method": fit.method,
        "notes": list(fit.notes),
        "seconds": fit.seconds,
        "model": model_document(fit.model, stand_in=_storable),
        "loss": str(fit.loss),
        "working": fit.working,
        "working_covariance": fit.working_covariance,
        "deviance": fit.deviance,
        "rank": fit.rank,
        "effective_parameters": fit.effective_parameters,
        "penalty": None if fit.penalty is None else str(fit.penalty),
        "free": fit.constraints.free,
        "remarks": dict(fit.remarks),
        "evidence": dataclasses.asdict(fit.evidence),
        "constraints": constraints_document(fit.constraints),
        "data": {
            "x": data.x,
            "y": data.y,
            "sigma": noise.sigma,
            "covariance": noise.covariance,
            "errors_given": noise.is_given,
            "single_output": data.is_single_output,
            "n_dropped": data.n_dropped,
            "reading": str(data.reading),
            "extent": data.extent,
            "sides": noise.sides,
        },
    }


def _storable(part: Any) -> Any:
    """A Python function, also as a part of a sum, is kept by name."""
    return stored(part) if isinstance(part, ResolvedFunction) else part


def fit_fields(document: Any, classes: Mapping[str, type]) -> dict[str, Any]:
    """The fields of a `Fit` from a document.

    Args:
        document: What `fit_document` made and a file brought back.
        classes: The model classes that a document may name.

    Returns:
        Keyword arguments of `Fit`.

    Raises:
        FileProblem: It is not such a document, is of a later version, or lacks an entry.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise FileProblem("The file is JSON, but not a fit that surefit saved.")
    if document.get("version") != VERSION:
        raise FileProblem(
            f"The fit was saved in version {document.get('version')!r} of the format; this surefit "
            f"reads version {VERSION}. Update surefit."
        )
    try:
        return _fields(document, classes)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, FileProblem):
            raise
        raise FileProblem(
            f"The saved fit is damaged ({type(error).__name__}: {error}); save it again."
        ) from None


def _fields(document: dict[str, Any], classes: Mapping[str, type]) -> dict[str, Any]:
    model = model_from_document(document["model"], classes)
    working = np.array(document["working"], dtype=np.float64)
    covariance = np.array(document["working_covariance"], dtype=np.float64)
    size = model.parameters().size
    if working.shape != (size,) or covariance.shape != (size, size):
        raise FileProblem(
            f"The saved fit has {working.size} parameter values and a covariance of shape "
            f"{covariance.shape} for a model of {size} parameters; it is damaged."
        )
    return {
        "model": model,
        "data": _data(document["data"]),
        "loss": loss_from_text(document["loss"]),
        "constraints": constraints_from_document(document, model.parameters(), working),
        "working": working,
        "working_covariance": covariance,
        "deviance": float(document["deviance"]),
        "rss": float(document["rss"]),
        "rank": int(document["rank"]),
        "remarks": {str(name): str(remark) for name, remark in document["remarks"].items()},
        "status": Status[document["status"]],
        "evidence": _evidence(document["evidence"]),
        "method": str(document["method"]),
        "notes": tuple(map(str, document["notes"])),
        "seconds": float(document["seconds"]),
        "penalty": penalty_from_text(document.get("penalty")),
    }


def _evidence(entry: dict[str, Any]) -> Evidence:
    counts = tuple(map(int, entry.get("counts", ())))  # files of earlier versions have none
    sequences = {"values": tuple(map(float, entry["values"])), "counts": counts}
    unknown = {name: float("nan") for name, value in entry.items() if value is None}
    words = {"explanation": tuple(entry["explanation"])}
    return Evidence(**{**entry, **unknown, **sequences, **words})


def _data(entry: dict[str, Any]) -> Data:
    covariance = entry["covariance"]
    noise = Noise(
        np.array(entry["sigma"], dtype=np.float64),
        None if covariance is None else np.array(covariance, dtype=np.float64),
        bool(entry["errors_given"]),
        None if entry.get("sides") is None else np.array(entry["sides"], dtype=np.float64),
    )
    x, y = (np.array(entry[name], dtype=np.float64) for name in ("x", "y"))
    if y.ndim != 2 or len(x) != len(y) or noise.sigma.shape != y.shape:
        raise FileProblem("The data in the saved fit do not fit together; it is damaged.")
    # Files of earlier versions have points only.
    reading = reading_from_text(entry.get("reading", str(AtPoints())))
    extent = entry.get("extent")
    if extent is not None:
        extent = np.array(extent, dtype=np.float64).reshape(len(x), -1)
    single, n_dropped = bool(entry["single_output"]), int(entry["n_dropped"])
    return Data(x, y, noise, single, n_dropped, reading, extent)
