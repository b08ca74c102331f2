"""A line chart is columns of numbers over the epochs, as a small SVG inside of an <img>.

Untrusted notebooks keep an image and drop a bare SVG. It brings white paper, because an image
cannot follow the theme of its page.
"""

import math
from base64 import b64encode
from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby

from autograd.show.wording import number, short

COLOURS = {"training": "#0072B2", "validation": "#D55E00"}
WIDTH, HEIGHT = 320, 220
LEFT, RIGHT, TOP, BOTTOM = 62, 308, 36, 178             # the frame of the lines
_MOST, _LEAST = 1e300, 1e-290                           # beyond, a number is out of the picture
_PIECES = 120                                           # a long line is thinned to about as many

Point = tuple[int, float]
Place = Callable[[float], float]                        # where a number lies, in pixels


def chart(title: str, lines: dict[str, list[float]], best: int = 0) -> str:
    """An <img> of the lines "training", "validation" or both: n > 0 numbers each, epoch 1 to n.

    Epoch `best` is marked. A nan or inf is a gap with a pale band. The scale is logarithmic where
    numbers above 0 differ by more than a factor of 1,000.
    """
    n = max(map(len, lines.values()))
    shown = sorted(y for line in lines.values() for y in line if _drawn(y))
    log = bool(shown) and shown[0] > _LEAST and shown[-1] / shown[0] > 1000
    ticks = _decades(shown) if log else _ticks(shown[0], shown[-1]) if shown else {}
    low, high = min(ticks, default=0.0), max(ticks, default=1.0)

    def across(epoch: float) -> float:
        return LEFT + 8 + (RIGHT - LEFT - 16) * ((epoch - 1) / (n - 1) if n > 1 else 0.5)

    def up(y: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (y - low) / (high - low)

    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             f'<text x="8" y="17" font-weight="bold">{escape(short(title))}</text>',
             _text((LEFT + RIGHT) / 2, 194, "epoch 1" if n == 1 else "epoch")]
    parts += [_text(RIGHT, 17, "log scale", "end")] if log else []
    parts += [_text(across(epoch), 194, f"{epoch}") for epoch in (1, n) if n > 1]
    for tick, label in ticks.items():
        parts += [f'<path d="M{LEFT} {up(tick):.1f}H{RIGHT}" stroke="#ddd"/>',
                  _text(LEFT - 4, up(tick) + 4, label, "end")]
    if not shown:
        parts.append(_text((LEFT + RIGHT) / 2, 110, "no finite numbers"))
    for i, (name, line) in enumerate(lines.items()):
        parts += [_text(LEFT + 120 * i, 212, name, "start", COLOURS[name]),
                  *_line(line, COLOURS[name], across, lambda y: up(math.log10(y) if log else y))]
    return _image("".join(parts + _best(best, across)), _said(title, lines, best))


def _drawn(y: float) -> bool:
    return abs(y) < _MOST               # false for nan


def _text(x: float, y: float, text: str, anchor: str = "middle", colour: str = "#333") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
            f"{escape(short(text))}</text>")


def _best(best: int, across: Place) -> list[str]:
    """The line that marks the best epoch, and its number above, inside of the frame."""
    if not best:
        return []
    x = across(best)
    return [f'<path d="M{x:.1f} {TOP}V{BOTTOM}" stroke="#777" stroke-dasharray="4 3"/>',
            _text(min(max(x, LEFT + 30), RIGHT - 40), TOP - 6, f"best: {best}")]


def _line(line: list[float], colour: str, across: Place, up: Place) -> Iterator[str]:
    """Each stretch of numbers as a path, one alone as a dot, and each gap as a pale band."""
    last = -1.0
    for drawn, stretch in groupby(enumerate(line, 1), lambda point: _drawn(point[1])):
        points = list(stretch)
        left, right = across(points[0][0]), across(points[-1][0])
        if right - last < 1:                            # more than one to a pixel
            continue
        last = right
        if not drawn:
            yield (f'<rect x="{left - 3:.1f}" y="{TOP}" width="{right - left + 6:.1f}" '
                   f'height="{BOTTOM - TOP}" fill="{colour}" fill-opacity="0.2"/>')
        elif len(points) == 1:
            yield f'<circle cx="{left:.1f}" cy="{up(points[0][1]):.1f}" r="3" fill="{colour}"/>'
        else:
            path = "L".join(f"{across(i):.1f} {up(y):.1f}" for i, y in _thinned(points))
            yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _thinned(points: list[Point]) -> Iterator[Point]:
    """A line of not too many points: the least and the greatest of each piece, so peaks stay."""
    size = max(1, len(points) // _PIECES)
    for i in range(0, len(points), size):
        piece = sorted(points[i:i + size], key=lambda point: point[1])
        yield from sorted({piece[0], piece[-1]})


def _ticks(low: float, high: float) -> dict[float, str]:
    """Round numbers from below the least to above the greatest, and how they read."""
    if high - low <= max(1e-9 * max(-low, high), _LEAST):       # all alike
        room = abs(low) / 10 if abs(low) > _LEAST else 1.0
        low, high = low - room, high + room
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(k * power for k in (1, 2, 5, 10) if k * power >= rough)
    digits = max(0, -math.floor(math.log10(step)))
    ticks = [k * step for k in range(math.floor(low / step), math.ceil(high / step) + 1)]
    plain = digits < 5 and max(map(abs, ticks)) < 1e5
    return {tick: f"{tick:.{digits}f}" if plain else f"{tick:.4g}" for tick in ticks}


def _decades(shown: list[float]) -> dict[float, str]:
    """Powers of ten from below the least to above the greatest, seven at most, by exponent."""
    low, high = math.floor(math.log10(shown[0])), math.ceil(math.log10(shown[-1]))
    step = -(-(high - low) // 6)
    return {float(k): f"1e{k}" for k in range(low, high + step, step)}


def _said(title: str, lines: dict[str, list[float]], best: int) -> str:
    """The picture in words: `loss over 20 epochs: training 1.2 to 0.3; best: 12`."""
    words = [f"{name} {number(line[0])} to {number(line[-1])}"
             + (f", {gaps} not finite" if (gaps := sum(not _drawn(y) for y in line)) else "")
             for name, line in lines.items()]
    n = max(map(len, lines.values()))
    words += [f"best: {best}"] if best else []
    return f"{short(title)} over {n} epoch{'s' * (n > 1)}: {'; '.join(words)}"


def _image(parts: str, text: str) -> str:
    svg = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
           f'font-family="Helvetica,Arial,sans-serif" font-size="12" fill="#333">{parts}</svg>')
    return (f'<img src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}" '
            f'alt="{escape(text)}" title="{escape(text)}" width="{WIDTH}" height="{HEIGHT}" '
            'style="display:inline-block;margin:2px 6px 2px 0">')
