"""Arrays annotated with their shapes, `Float[np.ndarray, "n p"]`, for readers and type checkers.

The notation is jaxtyping's, which type checkers read. A running program does without it: importing
it would take longer than some fits.
"""

from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from jaxtyping import Float, Int
else:

    class Float:
        """Numbers in float64, in an array of the shape named."""

        def __class_getitem__(cls, item: tuple[Any, str]) -> Any:
            """The array's type, annotated with the shape."""
            return Annotated[item]

    class Int(Float):
        """Whole numbers, in an array of the shape named."""


__all__ = ["Float", "Int"]
