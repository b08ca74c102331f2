"""A file is written whole or not at all: to a temporary file beside it, then renamed."""

import os
import zlib
from contextlib import suppress
from pathlib import Path
from shutil import copymode
from threading import get_ident

from ..errors import ArgumentError


def write_whole(path: Path, content: bytes) -> Path:
    """Write `content`, or raise ArgumentError and leave what was there; returns the path."""
    try:
        path = path.resolve()                   # a link stays one
        temporary = path.with_name(f".{os.getpid()}-{get_ident()}-{_mark(path)}.part")
        try:
            temporary.write_bytes(content)
            if path.exists():
                copymode(path, temporary)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
    except (OSError, ValueError) as error:      # ValueError: a name that no file can have
        why = getattr(error, "strerror", None) or error
        raise ArgumentError(f"{str(path)!r} cannot be written: {why}",
                            "give a file in a folder that exists and that you may write to"
                            ) from error
    return path


def remove_leftovers(path: Path) -> None:
    """Remove what processes left beside a file that were killed while they wrote it."""
    path = path.resolve()
    for left in path.parent.glob(f".*-{_mark(path)}.part"):
        left.unlink(missing_ok=True)


def _mark(path: Path) -> str:
    """A word of few letters for the name of a file, which may be as long as a name can be."""
    return f"{zlib.crc32(os.fsencode(path.name)):08x}"
