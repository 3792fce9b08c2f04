"""Tables in Parquet files, by pyarrow (the extra `parquet`)."""

from pathlib import Path

import numpy as np

from surefit.data.table import Table
from surefit.exceptions import FileProblem, MissingDependency


def read_parquet(path: Path) -> Table:
    """Read a Parquet file; a column is read when it is asked for, nulls become NaN.

    Args:
        path: The file. Columns of structures give one column for each field, `jet.pt`.

    Raises:
        MissingDependency: pyarrow is not installed.
        FileProblem: The file is broken.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError:
        raise MissingDependency(
            f"Reading {path} needs pyarrow; install it with: pip install 'surefit[parquet]'."
        ) from None

    try:
        names = tuple(parquet.ParquetFile(path).schema_arrow.empty_table().flatten().column_names)
    except (arrow.ArrowException, OSError) as error:
        raise _broken(path, error) from None

    def load(position: int) -> np.ndarray:
        root = names[position].split(".")[0]
        try:
            file = parquet.ParquetFile(path)
            own = [names[position]] if names[position] in file.schema_arrow.names else [root]
            column = file.read(columns=own).flatten().column(names[position])
        except (arrow.ArrowException, OSError) as error:
            raise _broken(path, error) from None
        is_number = any(
            check(column.type)
            for check in (
                arrow.types.is_integer,
                arrow.types.is_floating,
                arrow.types.is_decimal,
                arrow.types.is_boolean,
                arrow.types.is_null,
            )
        )
        if is_number:
            column = column.cast(arrow.float64(), safe=False)
        values = column.to_numpy()
        is_text = arrow.types.is_string(column.type) or arrow.types.is_large_string(column.type)
        return np.array(["" if v is None else v for v in values], str) if is_text else values

    return Table(str(path), names, load)


def _broken(path: Path, error: Exception) -> FileProblem:
    return FileProblem(f"{path} is not a readable Parquet file: {str(error).splitlines()[0]}")
