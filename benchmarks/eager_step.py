"""An eager training step of an MLP, against PyTorch eager and against the step by hand in NumPy.

    python -m benchmarks.eager_step             needs torch for its row

Linear layers with ReLU, cross entropy, Adam, float32, on Wengert and PyTorch as a user writes it
(PyTorch with its fused Adam), by hand as one would without an engine. Processes, threads and
batches are those of compiled_step.
"""

from .compiled_step import absent, agree, better
from .measuring import Row, alternate, main, ratios, versus

WORK = {((4, 16, 3), 32): (0.6, None), ((64, 128, 10), 128): (0.85, 1.3)}


def rows(quick=False):
    sides = ["eager", "by_hand", *(["torch"] if not absent("torch") else [])]
    work = list(WORK)[:1] if quick else list(WORK)
    found = alternate({side: lambda side=side: better(side, work, quick) for side in sides},
                      1 if quick else 5)
    for i, (sizes, batch) in enumerate(work):
        times = {side: [run[i]["seconds"] for run in runs] for side, runs in found.items()}
        agree([run[i] for runs in found.values() for run in runs])
        for side, title, bar in zip(("torch", "by_hand"), ("PyTorch eager", "the step by hand"),
                                    WORK[sizes, batch], strict=True):
            name = f"eager step {'-'.join(map(str, sizes))} × {batch} over {title}"
            if side in times:
                yield Row(name, ratios(times["eager"], times[side]), at_most=bar,
                          note=versus(wengert=times["eager"], **{title: times[side]}))
            else:
                yield Row(name, at_most=bar, note=absent(side))


if __name__ == "__main__":
    main(rows)
