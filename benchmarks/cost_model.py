"""What a training step costs on hundreds of ranks, on paper: work shared out, and one message.

    python -m benchmarks.cost_model             prints the tables of docs/distributed.md

A step of p ranks takes  work + 2·latency·log2(p) + 2·(p - 1)/p·bytes/bandwidth : each rank's part
of the work, and the best sum over ranks there is of long messages (Rabenseifner 2004: each number
travels twice, in 2·log2(p) messages). Nothing overlaps: the message leaves after the backward pass.
"""

import math

MODEL = "784-512-512-10"
BYTES = 4 * sum(n * m + m for n, m in ((784, 512), (512, 512), (512, 10)))
PER_ROW, PER_STEP = 25e-6, 4.8e-3       # seconds of a core here: forward and backward, and Adam
NETWORKS = {                            # what such a network is sold as, not measured
    "10 Gb/s Ethernet": (30e-6, 1.25e9), "100 Gb/s InfiniBand": (2e-6, 12.5e9)}
RANKS = 1, 2, 8, 32, 128, 512


def message(ranks, latency, bandwidth):
    """Seconds of adding the gradients up."""
    return (2 * latency * math.log2(ranks) + 2 * (ranks - 1) / ranks * BYTES / bandwidth)


def table(rows_of):
    """Lines of a table: for so many ranks the time of a step, and the share that is not work."""
    lines = ["| ranks | rows each | " + " | ".join(NETWORKS) + " |", "|---|---|" + "---|" * 2]
    for ranks in RANKS:
        work = PER_ROW * rows_of(ranks) + PER_STEP
        cells = []
        for latency, bandwidth in NETWORKS.values():
            talk = message(ranks, latency, bandwidth)
            cells.append(f"{1e3 * (work + talk):.3g} ms, {talk / (work + talk):.0%} of it messages")
        lines.append(f"| {ranks} | {rows_of(ranks):g} | {' | '.join(cells)} |")
    return lines


def tables():
    """Strong scaling of 4,096 rows, and weak scaling of 512 rows on each rank."""
    return "\n".join([*table(lambda ranks: 4096 / ranks), "", *table(lambda ranks: 512)])


if __name__ == "__main__":
    print(tables())
