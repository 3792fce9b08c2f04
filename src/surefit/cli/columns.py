"""Options that choose columns, shared by all commands that read a file."""

import dataclasses
from typing import Annotated

from cyclopts import Parameter

_X = (
    "Column of the input; repeat the option for several inputs. A file without names has the "
    "columns c0, c1, ..."
)
_YERR = (
    "Column of the errors (one standard deviation of y), or one number for all points. By default "
    "their common size is estimated from the residuals."
)


@Parameter(name="*")
@dataclasses.dataclass(frozen=True)
class ColumnOptions:
    """Which columns to fit.

    Attributes:
        x: Columns of the inputs.
        y: Column of the output.
        yerr: Column of the errors, or a number, or None.
    """

    x: Annotated[list[str], Parameter(negative="", metavar="COL", help=_X)]
    y: Annotated[str, Parameter(metavar="COL")]
    yerr: Annotated[
        str | None,
        Parameter(metavar="COL|NUMBER", allow_leading_hyphen=True, show_default=False, help=_YERR),
    ] = None
