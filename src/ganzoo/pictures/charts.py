"""Line charts of numbers by epoch, drawn by Pillow: so they need no other library."""

import math
from collections.abc import Mapping, Sequence
from itertools import cycle

from PIL import Image, ImageDraw, ImageFont

Lines = Mapping[str, Sequence[float]]
"""Numbers by name, one for each epoch from the first on; NaN where there is none."""

Stroke = tuple[list[tuple[float, float]], str]
"""Points to join, and a colour."""

WIDTH, HEIGHT = 560, 220  # of a chart
LEFT, TOP, RIGHT, BOTTOM = 56, 30, 430, 192  # of the box with the lines
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf")
DARK, PALE = "#404040", "#e0e0e0"
FINER = 4  # lines are drawn so many times as large and shrunk, as Pillow's own have steps


def line_charts(charts: Mapping[str, Lines]) -> Image.Image:
    """Return charts one below the other, each with its title.

    Args:
        charts: the lines of each chart by its title.
    """
    picture = Image.new("RGB", (WIDTH, HEIGHT * len(charts)), "white")
    for row, (title, lines) in enumerate(charts.items()):
        picture.paste(line_chart(title, lines), (0, row * HEIGHT))
    return picture


def line_chart(title: str, lines: Lines) -> Image.Image:
    """Return one chart, with the names of its lines beside it."""
    points = {
        name: [(epoch, y) for epoch, y in enumerate(line, 1) if math.isfinite(y)]
        for name, line in lines.items()
    }
    last = max([2, *map(len, lines.values())])
    levels = ticks([y for line in points.values() for _, y in line] or [0.0])
    epochs = [each for each in ticks([1, last]) if 1 <= each <= last and each == int(each)]

    def place(x: float, y: float) -> tuple[float, float]:
        upward = (y - levels[0]) / (levels[-1] - levels[0])
        return LEFT + (x - 1) / (last - 1) * (RIGHT - LEFT), BOTTOM - upward * (BOTTOM - TOP)

    grid: list[Stroke] = [([place(1, y), place(last, y)], PALE) for y in levels]
    curves = [
        ([place(*each) for each in line], colour)
        for line, colour in zip(points.values(), cycle(COLOURS), strict=False)
    ]
    picture = drawn([*grid, *curves])
    write = ImageDraw.Draw(picture)
    font = ImageFont.load_default()
    write.text((LEFT, 8), title, "black", font)
    for y in levels:
        write.text((LEFT - 6, place(1, y)[1]), f"{y:g}", DARK, font, anchor="rm")
    for x in epochs:
        write.text((place(x, 0)[0], BOTTOM + 6), f"{x:g}", DARK, font, anchor="ma")
    write.text((RIGHT + 12, BOTTOM + 6), "epoch", DARK, font, anchor="la")
    for row, (name, (_, colour)) in enumerate(zip(points, curves, strict=True)):
        write.text((RIGHT + 12, TOP + 14 * row), name, colour, font)
    return picture


def drawn(strokes: Sequence[Stroke]) -> Image.Image:
    """Return a white picture with smooth lines, and with dots where a line has a single point."""
    picture = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), "white")
    draw = ImageDraw.Draw(picture)
    for points, colour in strokes:
        scaled = [(x * FINER, y * FINER) for x, y in points]
        if len(scaled) == 1:
            draw.circle(scaled[0], 2.5 * FINER, colour)
        elif scaled:  # not all of them NaN
            draw.line(scaled, colour, width=round(1.4 * FINER), joint="curve")
    return picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def ticks(values: Sequence[float]) -> list[float]:
    """Return about five round numbers that reach around the values."""
    low, high = min(values), max(values)
    if low == high:
        around = abs(low) / 2 or 0.5
        low, high = low - around, high + around
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(each for each in (1, 2, 5, 10) if each * power >= rough * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [float(f"{step * each:.12g}") for each in range(first, last + 1)]
