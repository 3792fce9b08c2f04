"""Read a saved fit back."""

from pathlib import Path

from surefit.report.files import read_json
from surefit.result import Fit


def load(path: str | Path) -> Fit:
    """Read a fit back from the file that `Fit.save` wrote. No code in the file is ever run.

    Args:
        path: The JSON file.

    Returns:
        The fit, with values, errors, covariance and data. It predicts if its model is one of
        surefit's own; a Python function is not in the file, so such a fit does not.

    Raises:
        FileProblem: The file is missing, broken, or not one of ours.
    """
    # What a file may hold includes formulas, which need the whole of scipy.special.
    from surefit.report.built_in import BUILT_IN
    from surefit.report.fit_document import fit_fields

    return Fit(**fit_fields(read_json(path), BUILT_IN))
