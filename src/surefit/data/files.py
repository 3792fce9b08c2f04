"""Read a table from a file, whatever its kind."""

import difflib
import re
import zipfile
from pathlib import Path

from surefit.data.numpy_files import read_npy, read_npz
from surefit.data.parquet_files import read_parquet
from surefit.data.root_files import read_root
from surefit.data.table import Table
from surefit.data.text_files import read_text
from surefit.exceptions import FileProblem

_READERS = {
    b"\x93NUMPY": read_npy,
    b"PAR1": read_parquet,
}
# What people try: the cure is known for each.
_FOREIGN = {
    b"\x89HDF": "an HDF5 file; save the columns as NPZ, Parquet or CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file; save the sheet as CSV",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
    b"SIMPLE  =": "a FITS file; save the columns as NPZ, Parquet or CSV",
    b"7z\xbc\xaf": "a 7-Zip archive; unpack it first",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive; unpack it first",
}
_PROMISED = {".npy": "NPY", ".npz": "NPZ", ".parquet": "Parquet", ".root": "ROOT"}


def read_table(path: str | Path) -> Table:
    r"""Read the columns of a file.

    The kind is known by the file's content, not by its name: CSV and other text tables (plain or
    packed by gzip, bzip2 or xz), NPY, NPZ, Parquet (extra `parquet`) and ROOT (extra `root`).

    Args:
        path: The file. For an object in a ROOT file `file.root:name`.

    Returns:
        The table, with columns by name; `c0`, `c1`, … where the file names none.

    Raises:
        FileProblem: Missing, a folder, empty, broken, or of another kind.
        MissingDependency: An extra must be installed first.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "run.csv")
        ...     _ = path.write_text("time,voltage\n0,1.5\n1,2.5\n")
        ...     table = read_table(path)
        >>> table.names, table.column("voltage").tolist()
        (('time', 'voltage'), [1.5, 2.5])
    """
    file, inside = _split(str(path))
    start = _start(file)
    if inside is not None or start.startswith(b"root"):
        return read_root(file, inside)
    for magic, reader in _READERS.items():
        if start.startswith(magic):
            return reader(file)
    if start.startswith(b"PK\x03\x04"):
        return _read_zip(file)
    for magic, name in _FOREIGN.items():
        if start.startswith(magic):
            raise FileProblem(f"{file} is {name}.")
    promised = _PROMISED.get(file.suffix.lower())
    if promised:
        raise FileProblem(
            f"{file} is not a {promised} file although its name says so; check how it was written, "
            "or rename it if it is a text table."
        )
    return read_text(file)


def _split(path: str) -> tuple[Path, str | None]:
    """Cut `file.root:name` in two; the name of a file may itself hold a colon."""
    match = re.fullmatch(r"(.+?\.root):(.+)", path, re.IGNORECASE)
    if match and not Path(path).exists():
        return Path(match[1]), match[2].strip("/")
    return Path(path), None


def _start(path: Path) -> bytes:
    """The first bytes of a file that exists and is not empty."""
    if path.is_dir():
        raise FileProblem(f"{path} is a folder; give the file in it that holds the data.")
    try:
        with path.open("rb") as file:
            start = file.read(16)
    except FileNotFoundError:
        raise FileProblem(f"There is no file {path}{_similar(path)}.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileProblem(f"{path} cannot be read: {reason}.") from None
    if not start:
        raise FileProblem(f"{path} is empty.")
    return start


def _similar(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    except OSError:
        return f"; there is no folder {path.parent} either"
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.with_name(close[0])}?" if close else ""


def _read_zip(path: Path) -> Table:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise FileProblem(f"{path} is a broken archive: {error}.") from None
    if names and all(name.endswith(".npy") for name in names):
        return read_npz(path)
    if any(name.startswith("xl/") for name in names):
        raise FileProblem(f"{path} is an Excel workbook; save the sheet as CSV.")
    raise FileProblem(f"{path} is a ZIP archive; unpack it first.")
