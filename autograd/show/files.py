"""A file is written whole or not at all: to a temporary file beside it, then renamed."""

import os
from contextlib import suppress
from pathlib import Path

from ..errors import ArgumentError


def write_whole(path: Path, content: bytes) -> Path:
    """Write `content`, or raise ArgumentError and leave what was there; returns the path."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            temporary.write_bytes(content)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise ArgumentError(f"{path} cannot be written: {error.strerror or error}",
                            "give a file in a folder that exists and that you may write to"
                            ) from error
    return path
