"""A message goes from all ranks to all; it is asked of MPI without waiting, and then looked after.

Who waits in MPI itself waits for ever, and cannot be told that another rank has died. Here a rank
that waits looks again and again, after a second it tells the others so, and after `timeout` it
names those of which nothing was heard.
"""

import atexit
import os
import time
from typing import Any

import numpy

from autograd.errors import ArgumentError, AutogradError

TEXT = 1000                             # bytes of what a rank tells the others
NOTICE = 1.0                            # seconds after which a waiting rank says that it is there
PATIENCE = 1e-3                         # seconds for which it looks without a nap
give_way = getattr(os, "sched_yield", lambda: None)     # to another rank on this core


class DistributedError(AutogradError, RuntimeError):
    """A rank that failed, did not come, or has something else than the others."""


class Messages:
    """What the ranks of COMM_WORLD tell each other: all of them, in the same order."""

    def __init__(self, timeout: float) -> None:
        if not timeout > 0:
            raise ArgumentError(f"Ranks with timeout = {timeout!r}", "give seconds, above 0")
        self.mpi = _mpi()
        self.comm = self.mpi.COMM_WORLD
        self.rank, self.size = self.comm.Get_rank(), self.comm.Get_size()
        self.timeout = timeout
        self.count = 0                  # of messages so far
        self.notices: list[Any] = []
        _spread_threads()

    def add_up(self, flat: Any) -> None:
        """Add an array up over the ranks, in place."""
        self._wait(self.comm.Iallreduce(self.mpi.IN_PLACE, flat))

    def from_first(self, x: Any) -> None:
        """Write what rank 0 has into an array."""
        if x.size:
            self._wait(self.comm.Ibcast(_bytes(x), root=0))

    def gathered(self, mine: Any, counts: list[int]) -> Any:
        """The rows of all ranks, of which each has so many."""
        every = numpy.empty((sum(counts), *mine.shape[1:]), mine.dtype)
        sizes = [count * every[:1].nbytes for count in counts]
        self._wait(self.comm.Iallgatherv(_bytes(mine), [_bytes(every), sizes]))
        return every

    def told(self, text: str) -> list[str]:
        """What each rank says, cut to TEXT bytes."""
        mine = numpy.zeros((1, TEXT), numpy.uint8)
        words = text.encode()[:TEXT]
        mine[0, :len(words)] = numpy.frombuffer(words, numpy.uint8)
        every = self.gathered(mine, [1] * self.size)
        return [bytes(row).rstrip(b"\0").decode(errors="replace") for row in every]

    def _wait(self, request: Any) -> None:
        """Wait until all ranks have come; DistributedError names those who have not in time."""
        self.count += 1
        start, noticed = time.monotonic(), False
        while not request.Test():
            waited = time.monotonic() - start
            if waited > NOTICE and not noticed:
                self._notify()
                noticed = True
            if waited > self.timeout:
                raise self._late()
            if waited > PATIENCE:
                time.sleep(1e-4)
            else:
                give_way()

    def _notify(self) -> None:
        """Tell the others that this rank waits, and where."""
        here = numpy.array([self.count])
        self.notices = [(here, self.comm.Isend(here, dest=i, tag=1))
                        for i in range(self.size) if i != self.rank]

    def _late(self) -> DistributedError:
        """The error that names the ranks of which nothing was heard; the job ends with this one."""
        heard, word, status = {self.rank}, numpy.zeros(1, int), self.mpi.Status()
        while self.comm.Iprobe(tag=1, status=status):
            self.comm.Recv(word, source=status.Get_source(), tag=1)
            if word[0] == self.count:
                heard.add(status.Get_source())
        atexit.register(self.comm.Abort, 1)     # MPI would wait for them before it lets go
        late = [str(i) for i in range(self.size) if i not in heard]
        who = f"rank {' and '.join(late)}" if late else "one"
        return DistributedError(
            f"{who} of {self.size} ranks has not come within {self.timeout:g} s (rank {self.rank} "
            f"waits for message {self.count})", "it died, hangs or is slow: start again, with "
            "resume= from the last checkpoint; distributed=nn.Ranks(timeout=...) waits longer")


def _bytes(x: Any) -> Any:
    """An array as bytes, in its own memory: MPI has not all of NumPy's dtypes."""
    return x.reshape(-1).view(numpy.uint8)


def _spread_threads() -> None:
    """Give each rank of this machine its part of the cores, unless the user said how many."""
    here = os.environ.get("MPI_LOCALNRANKS") or os.environ.get("OMPI_COMM_WORLD_LOCAL_SIZE")
    if here and int(here) > 1 and "OMP_NUM_THREADS" not in os.environ:
        from threadpoolctl import threadpool_limits

        threadpool_limits(max(1, (os.cpu_count() or 1) // int(here)), "blas")


def _mpi() -> Any:
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:        # RuntimeError: no library of MPI
        raise ImportError("distributed training needs mpi4py and a library of MPI\n"
                          "help: pip install 'wengert[distributed]'") from error
    return MPI
