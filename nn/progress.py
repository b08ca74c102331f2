"""Progress is one live line where a person watches, and a few whole lines where a file does.

A terminal rewrites its line with a carriage return; a notebook updates one display in place, so
that the saved notebook holds the last state alone; a pipe or a log gets a line each tenth.
"""

import shutil
import sys
import time
from collections.abc import Callable
from typing import Any

_INTERVAL = 0.1                         # seconds between two updates of a live line


class Progress:
    """Shows rows of numbers, one an epoch; this base shows nothing."""

    def batch(self, epoch: int, done: int, total: int, loss: Callable[[], float]) -> None:
        """A batch of an epoch is done; `loss` is asked for only where it is shown."""

    def epoch(self, text: str, epoch: int) -> None:
        """An epoch is done."""

    def close(self) -> None:
        """Nothing more will come."""


class _Lines(Progress):
    """Whole lines, one each tenth of the epochs."""

    def __init__(self, epochs: int) -> None:
        self.shown_at = {-(-epochs * i // 10) for i in range(1, 11)} | {1}
        self.pending = ""

    def epoch(self, text: str, epoch: int) -> None:
        self.pending = text
        if epoch in self.shown_at:
            self.close()

    def close(self) -> None:
        if self.pending:
            print(self.pending, flush=True)
        self.pending = ""


class _Live(Progress):
    """One text that changes, at most every tenth of a second; the last one always stands."""

    def __init__(self, epochs: int) -> None:
        self.epochs, self.shown, self.text, self.last = epochs, 0.0, "", ""

    def batch(self, epoch: int, done: int, total: int, loss: Callable[[], float]) -> None:
        if time.monotonic() - self.shown > 5 * _INTERVAL:
            self._show(f"epoch {epoch}/{self.epochs}  batch {done}/{total}  loss {loss():.4g}")

    def epoch(self, text: str, epoch: int) -> None:
        self.text = text
        if time.monotonic() - self.shown > _INTERVAL:
            self._show(text)

    def close(self) -> None:
        if self.text:
            self._show(self.text)

    def _show(self, text: str) -> None:
        self.shown, self.last = time.monotonic(), text
        self.write(text)

    def write(self, text: str) -> None:
        """Put this text in place of the one before."""
        raise NotImplementedError


class _Terminal(_Live):
    """The live text as one line of a terminal, ended by a newline."""

    width = 0

    def write(self, text: str) -> None:
        text = text[:shutil.get_terminal_size().columns - 1]
        sys.stdout.write("\r" + text.ljust(self.width))
        sys.stdout.flush()
        self.width = len(text)

    def close(self) -> None:
        super().close()
        if self.last:
            sys.stdout.write("\n")
            sys.stdout.flush()
        self.last = self.text = ""


class _Notebook(_Live):
    """The live text as one display of a notebook."""

    handle: Any = None

    def write(self, text: str) -> None:
        from IPython.display import display

        content = {"text/plain": text}
        if self.handle is None:
            self.handle = display(content, raw=True, display_id=True)
        else:
            self.handle.update(content, raw=True)


def progress(epochs: int, quiet: bool = False) -> Progress:
    """What suits where the output goes."""
    if quiet:
        return Progress()
    if _in_notebook():
        return _Notebook(epochs)
    return _Terminal(epochs) if sys.stdout.isatty() else _Lines(epochs)


def _in_notebook() -> bool:
    """Whether a kernel runs this; IPython is asked only if someone else imported it."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"
