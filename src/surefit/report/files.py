"""Write files whole or not at all; JSON that brings every float64 back exactly.

Files are never pickled and reading one never runs code. NaN and infinities, which JSON lacks, are
written as `{"$float": "nan"}`, `{"$float": "inf"}` and `{"$float": "-inf"}` by `write_json` and
brought back by `read_json`; `json_text`, made for other programs to read, writes them as null.
"""

import contextlib
import math
import os
import secrets
import stat
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from surefit.exceptions import FileProblem, InvalidOption, InvalidType

MAX_BYTES = 512 * 2**20  # of a JSON file; a fit of 10^6 points is some 60 MB
MAX_DEPTH = 100  # of nested lists and objects; ours are below 20
_TAG = "$float"
_NONFINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def write_atomically(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Write a file so that readers see the old content or the new, never half of it.

    The content goes to a temporary file in the same folder, is flushed to the disk, and takes the
    old file's place in one step. An existing file keeps its permissions, a new one gets the
    process's default ones; a symbolic link stays and its target is replaced.

    Args:
        path: Where to write; `~` is expanded. The folder must exist.
        content: Bytes, or text that is written as UTF-8 with the line ends it has.

    Raises:
        FileProblem: The path is a folder or a device, its folder is missing or cannot be written,
            or the disk is full. Whatever was at `path` before is still there.
        InvalidType: The path or the content is of another type.

    Example:
        >>> import tempfile
        >>> folder = tempfile.TemporaryDirectory()
        >>> write_atomically(folder.name + "/note.txt", "done")
        >>> Path(folder.name, "note.txt").read_text()
        'done'
        >>> folder.cleanup()
    """
    target = _checked_target(path)
    data = content.encode("utf-8", "strict") if isinstance(content, str) else content
    if not isinstance(data, bytes | bytearray | memoryview):
        raise InvalidType(f"content is {type(content).__name__}; pass bytes or str.")
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.tmp")
    try:
        # Mode 0o666 is cut down by the process's umask, as for any file a program opens.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
        os.replace(temporary, target)
    except OSError as error:
        raise FileProblem(f"Cannot write {path}: {_reason(error)}.") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()  # gone already unless something went wrong
    _flush_folder(target.parent)


def write_json(path: str | os.PathLike[str], document: Any) -> None:
    """Write a document as JSON, atomically; `read_json` brings back every float64 exactly.

    Args:
        path: Where to write.
        document: Dictionaries with string keys, lists, tuples, NumPy arrays and scalars, strings,
            numbers, booleans and None. Arrays and tuples come back as lists.

    Raises:
        FileProblem: The file cannot be written.
        InvalidType: Something in the document has no place in JSON; the message says where.
        InvalidOption: The document is nested too deeply, or contains itself.
    """
    write_atomically(path, _encoded(_plain(document, "document", 0, _tagged)) + b"\n")


def json_text(document: Any) -> str:
    """Write a document as one line of JSON for other programs: NaN and infinities become null.

    Args:
        document: As for `write_json`.

    Returns:
        Text without a line end.

    Raises:
        InvalidType: Something in the document has no place in JSON; the message says where.
        InvalidOption: The document is nested too deeply, or contains itself.

    Example:
        >>> json_text({"chi2": float("nan"), "values": np.array([1.0, 2.5])})
        '{"chi2":null,"values":[1.0,2.5]}'
    """
    return _encoded(_plain(document, "document", 0, lambda _: None)).decode()


def read_json(path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> Any:
    """Read a JSON file that `write_json` wrote; safe on files from anywhere.

    Args:
        path: The file; `~` is expanded.
        max_bytes: Larger files are refused. The default is 512 MiB.

    Returns:
        Dictionaries, lists, strings, numbers, booleans and None.

    Raises:
        FileProblem: The file is missing, too large, not JSON (the message says on which line), or
            nested more deeply than anything surefit writes.
        InvalidType: The path is no path.
    """
    raw = _read_bytes(path, max_bytes).removeprefix(b"\xef\xbb\xbf")  # a byte-order mark
    try:
        return _untagged(msgspec.json.decode(raw), path, 0)
    except RecursionError as error:
        raise _too_deep(path) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FileProblem(
            f"{path} is not valid JSON: {_position(raw, str(error))}. Was it cut off or edited? "
            "Save the fit again, or restore the file from a copy."
        ) from error


_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate line ends


def _checked_target(path: Any) -> Path:
    target = _as_path(path)
    if target.is_dir():
        raise FileProblem(f"{path} is a folder; give the name of a file in it.")
    if target.exists() and not target.is_file():
        raise FileProblem(f"{path} is not an ordinary file; choose another name.")
    if not target.name:
        raise FileProblem(f"{str(path)!r} names no file; give a file name.")
    target = Path(os.path.realpath(target))
    if not target.parent.is_dir():
        raise FileProblem(f"Cannot write {path}: there is no folder {target.parent}; create it.")
    return target


def _as_path(path: Any) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise InvalidType(f"path is {type(path).__name__}; pass a string or a pathlib.Path.")
    if "\0" in os.fspath(path):
        raise FileProblem("The path contains a null character; give an ordinary file name.")
    with contextlib.suppress(RuntimeError):  # a user without a home folder
        return Path(path).expanduser()
    return Path(path)


def _read_bytes(path: Any, max_bytes: int) -> bytes:
    source = _as_path(path)
    try:
        with open(source, "rb") as file:
            raw = file.read(max_bytes + 1)
    except IsADirectoryError as error:
        raise FileProblem(f"{path} is a folder; give the name of a file in it.") from error
    except FileNotFoundError as error:
        raise FileProblem(f"There is no file {path}; check the name and the folder.") from error
    except OSError as error:
        raise FileProblem(f"Cannot read {path}: {_reason(error)}.") from error
    if len(raw) > max_bytes:
        raise FileProblem(
            f"{path} is larger than {max_bytes / 2**20:g} MiB; if you trust it, pass max_bytes."
        )
    return raw


def _flush_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system can (Windows cannot)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).rstrip(".")


def _encoded(plain: Any) -> bytes:
    try:
        return msgspec.json.encode(plain)
    except UnicodeEncodeError as error:
        raise InvalidType(f"The document has text that is not valid Unicode: {error}.") from error


def _tagged(number: float) -> dict[str, str]:
    return {_TAG: str(number)}


def _plain(item: Any, where: str, depth: int, nonfinite: Any) -> Any:
    """Turn a document into what JSON has; `nonfinite` says what stands for NaN."""
    if depth > MAX_DEPTH:
        raise InvalidOption(
            f"The document is nested more than {MAX_DEPTH} levels deep at {where[:80]}…; "
            "does it contain itself?"
        )
    if isinstance(item, np.ndarray | np.generic):
        _check_array(item, where)
        if item.dtype.kind != "f" or np.isfinite(item).all():
            return item.tolist()  # a hundred times faster than entry by entry
        item = item.tolist()
    if isinstance(item, dict):
        _check_keys(item, where)
        return {str(k): _plain(v, f"{where}.{k}", depth + 1, nonfinite) for k, v in item.items()}
    if isinstance(item, list | tuple):
        return [_plain(v, f"{where}[{i}]", depth + 1, nonfinite) for i, v in enumerate(item)]
    if isinstance(item, float) and not math.isfinite(item):
        return nonfinite(float(item))
    if item is None or isinstance(item, bool):
        return item
    for kind in (int, float, str):
        if isinstance(item, kind):
            return kind(item)  # subclasses, an IntEnum's member, become what they derive from
    raise InvalidType(
        f"{where} is {type(item).__name__}, which JSON cannot hold; turn it into numbers, strings, "
        "lists or dictionaries first."
    )


def _check_keys(item: dict[Any, Any], where: str) -> None:
    for key in item:
        if not isinstance(key, str) or key == _TAG:
            raise InvalidType(f"{where} has the key {key!r}; use other, plain strings as keys.")


def _check_array(array: Any, where: str) -> None:
    if array.dtype.kind not in "biufU":
        raise InvalidType(
            f"{where} is an array of {array.dtype}; JSON holds real numbers and text."
        )


def _untagged(item: Any, path: Any, depth: int) -> Any:
    if depth > MAX_DEPTH + 1:
        raise _too_deep(path)
    if isinstance(item, list):
        return [
            entry if isinstance(entry, float) else _untagged(entry, path, depth + 1)
            for entry in item
        ]
    if isinstance(item, dict):
        if item.keys() == {_TAG}:
            name = item[_TAG]
            if not isinstance(name, str) or name not in _NONFINITE:
                raise FileProblem(f"{path} has the unknown number {name!r}; was it edited?")
            return _NONFINITE[name]
        return {key: _untagged(entry, path, depth + 1) for key, entry in item.items()}
    return item


def _too_deep(path: Any) -> FileProblem:
    return FileProblem(
        f"{path} is nested more than {MAX_DEPTH} levels deep; surefit wrote no such."
    )


def _position(raw: bytes, message: str) -> str:
    """Turn msgspec's "… (byte 15)" into a line and a column that an editor can go to."""
    reason, mark, rest = message.partition(" (byte ")
    reason = reason.removeprefix("JSON is malformed: ")
    if not raw.strip():
        return "it is empty"
    at = int(rest.rstrip(")")) if mark else len(raw)
    line = raw.count(b"\n", 0, at) + 1
    column = at - (raw.rfind(b"\n", 0, at) + 1) + 1
    return f"{reason[:1].lower()}{reason[1:]} at line {line}, column {column}"
