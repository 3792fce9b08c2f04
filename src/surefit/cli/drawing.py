"""Options of the figures that commands draw."""

import dataclasses
from typing import Annotated, Any

from cyclopts import Group, Parameter

_FIGURE = Group("Figure", sort_key=1)
_FLAG = Parameter(negative="", group=_FIGURE, show_default=False)
_TEXT = Parameter(group=_FIGURE, metavar="TEXT", show_default=False)


@Parameter(name="*")
@dataclasses.dataclass(frozen=True)
class DrawingOptions:
    """How the figure looks.

    Attributes:
        log_x: Draw x on a logarithmic axis.
        log_y: Draw y on a logarithmic axis.
        x_label: Label of x, with mathematics between dollar signs.
        y_label: Label of y.
        title: Text above the figure.
    """

    log_x: Annotated[bool, _FLAG] = False
    log_y: Annotated[bool, _FLAG] = False
    x_label: Annotated[str | None, _TEXT] = None
    y_label: Annotated[str | None, _TEXT] = None
    title: Annotated[str | None, _TEXT] = None

    def for_figure(self, x_label: str, y_label: str) -> dict[str, Any]:
        """The options as `surefit.report.plots` takes them.

        Args:
            x_label: Label of x unless the user gave one.
            y_label: Label of y unless the user gave one.

        Example:
            >>> DrawingOptions(log_y=True).for_figure("t", "U")["y_label"]
            'U'
        """
        return {
            "x_label": self.x_label if self.x_label is not None else x_label,
            "y_label": self.y_label if self.y_label is not None else y_label,
            "log_x": self.log_x,
            "log_y": self.log_y,
            "title": self.title,
        }
