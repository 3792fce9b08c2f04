"""Trees, n-tuples, histograms and graphs in ROOT files, by uproot (the extra `root`)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from surefit.data.table import Table
from surefit.exceptions import FileProblem, MissingDependency

_ROWS = ("TTree", "TNtuple", "TNtupleD", "ROOT::RNTuple", "ROOT::Experimental::RNTuple")


def read_root(path: Path, inside: str | None) -> Table:
    """Read one object of a ROOT file.

    A tree or n-tuple gives its branches (a branch of fixed-size arrays gives `name[0]`, …), read
    when they are asked for; a histogram gives `center`, `low`, `high`, `content` and `error`, with
    `x_` and `y_` in front of the first three in two dimensions; a graph gives `x`, `y` and, if it
    has them, `xerr` and `yerr`. An empty bin has no error, so that fits with errors leave it out.

    Args:
        path: The file.
        inside: Path of the object in it, or None for the only tree, or else the only object.

    Raises:
        MissingDependency: uproot is not installed.
        FileProblem: Broken, no such object, or several to choose from (the message lists them).
    """
    try:
        import uproot
    except ImportError:
        raise MissingDependency(
            f"Reading {path} needs uproot; install it with: pip install 'surefit[root]'."
        ) from None

    try:
        file: Any = uproot.open(path)
        kinds = {name.split(";")[0]: kind for name, kind in file.classnames().items()}
        readers = {name: reader for name, kind in kinds.items() if (reader := _reader(kind))}
        name = _chosen(path, {name: kinds[name] for name in readers}, inside)
        return readers[name](f"{path}:{name}", file[name])
    except FileProblem:
        raise
    except Exception as error:  # uproot raises whatever a broken file makes it meet
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise FileProblem(f"{path} cannot be read as a ROOT file: {reason[0]}.") from None


def _chosen(path: Path, kinds: dict[str, str], inside: str | None) -> str:
    listed = ", ".join(f"{path}:{name} ({kind})" for name, kind in kinds.items())
    if inside is not None:
        if inside.split(";")[0] in kinds:
            return inside.split(";")[0]
        raise FileProblem(f"{path} has no {inside!r} that can be fitted; it has {listed}.")
    tables = [name for name, kind in kinds.items() if kind in _ROWS]
    for candidates in (tables, list(kinds)):
        if len(candidates) == 1:
            return candidates[0]
    if not kinds:
        raise FileProblem(f"{path} has no tree, n-tuple, histogram or graph.")
    raise FileProblem(f"{path} has several objects; name the one to fit: {listed}.")


def _reader(kind: str) -> Callable[[str, Any], Table] | None:
    if kind in _ROWS:
        return _tree
    if kind.startswith(("TH1", "TH2", "TProfile")) and not kind.startswith("TProfile2"):
        return _histogram
    return _graph if kind in ("TGraph", "TGraphErrors", "TGraphAsymmErrors") else None


def _tree(source: str, tree: Any) -> Table:
    parts: list[tuple[str, str, int | None]] = []
    for name in tree.keys():  # noqa: SIM118  (a tree is no mapping)
        width = _width(tree[name])
        parts += (
            [(name, name, None)]
            if width is None
            else [(f"{name}[{at}]", name, at) for at in range(width)]
        )

    def load(position: int) -> np.ndarray:
        shown, name, at = parts[position]
        try:
            values = tree[name].array(library="np")
        except Exception as error:
            raise FileProblem(f"Branch {shown!r} of {source} cannot be read: {error}.") from None
        return values if at is None else values[:, at]

    return Table(source, tuple(part[0] for part in parts), load)


def _width(branch: Any) -> int | None:
    """Length of the arrays in a branch if they all have the same; None for single numbers."""
    shape = getattr(getattr(branch, "interpretation", None), "inner_shape", ())
    if not shape:
        description = str(getattr(branch, "typename", ""))
        digits = description.removeprefix("std::array<").rstrip(">").split(",")[-1].strip()
        shape = (int(digits),) if "std::array<" in description and digits.isdigit() else ()
    return int(shape[0]) if len(shape) == 1 else None


def _histogram(source: str, histogram: Any) -> Table:
    content, error = histogram.values(), np.array(histogram.errors(), dtype=float)
    error[(error == 0) & (content == 0)] = np.nan
    letters = ("x_", "y_") if content.ndim == 2 else ("",)
    columns: dict[str, np.ndarray] = {}
    for at, letter in enumerate(letters):
        edges = histogram.axes[at].edges()
        low, high = edges[:-1], edges[1:]
        spans = {"center": (low + high) / 2, "low": low, "high": high}
        shape = [-1 if other == at else 1 for other in range(content.ndim)]
        for name, values in spans.items():
            columns[letter + name] = np.broadcast_to(values.reshape(shape), content.shape).ravel()
    columns |= {"content": content.ravel(), "error": error.ravel()}
    return Table(source, tuple(columns), list(columns.values()).__getitem__)


def _graph(source: str, graph: Any) -> Table:
    columns = {"x": graph.values("x"), "y": graph.values("y")}
    if hasattr(graph, "errors"):
        for axis in ("x", "y"):
            low, high = graph.errors("low", axis), graph.errors("high", axis)
            columns |= {f"{axis}err": (low + high) / 2}
    return Table(source, tuple(columns), list(columns.values()).__getitem__)
