"""The digits of scikit-learn: 1,797 images of 8 × 8 pixels, written by hand.

Alpaydin and Kaynak 1998, the test part of "Optical Recognition of Handwritten Digits" (UCI).
"""

from importlib import import_module
from typing import Any

SIDE = 8                                # pixels across and down


def digits() -> tuple[Any, Any]:
    """x of shape (1797, 64), float32, the pixels from 0 to 1; y of shape (1797,), 0 to 9.

    Raises ImportError, with the line that installs it, without scikit-learn.
    """
    x, y = scikit_learn("datasets").load_digits(return_X_y=True)
    return (x / 16.0).astype("float32"), y


def scikit_learn(part: str) -> Any:
    """A module of scikit-learn; ImportError, with the line that installs it, without it."""
    try:
        return import_module(f"sklearn.{part}")
    except ImportError as error:
        raise ImportError(f"this job needs scikit-learn: {error}\n"
                          "help: pip install scikit-learn") from error
