"""Products that are over before a second thread has woken run on one: BLAS asks the size too late.

OpenBLAS wakes its threads for anything beyond 100³ multiply-adds; they then spin for a while, and
where the other processors are busy all wait for them.
"""

import functools
import threading
from typing import Any

ALONE, SHARED = 900_000, 4_000_000      # multiply-adds: up to where none wakes, and where it pays


def one_is_enough(sizes: list[int]) -> bool:
    """Whether products of so many multiply-adds are better done by one thread."""
    return ALONE < max(sizes, default=0) < SHARED


class OneThread:
    """A block in which Numba's BLAS, which is SciPy's, has one thread.

    Of several such blocks at a time the last gives the threads back.
    """

    def __init__(self) -> None:
        self.lock, self.inside, self.before = threading.Lock(), 0, 1

    def threads(self) -> int:
        """How many there are outside of such a block."""
        return self.before if self.inside else int(blas().get_num_threads())

    def __enter__(self) -> None:
        with self.lock:
            if not self.inside:
                self.before = blas().get_num_threads()
                blas().set_num_threads(1)
            self.inside += 1

    def __exit__(self, *_: Any) -> None:
        with self.lock:
            self.inside -= 1
            if not self.inside:
                blas().set_num_threads(self.before)


@functools.cache
def blas() -> Any:
    """The controls of SciPy's BLAS."""
    import scipy.linalg.cython_blas  # noqa: F401           (loads it)
    from threadpoolctl import ThreadpoolController

    found = ThreadpoolController().select(user_api="blas").lib_controllers
    return next((x for x in found if "scipy" in (x.filepath or "").rsplit("/", 2)[-2]), found[-1])


one_thread = OneThread()
