# SPDX-License-Identifier: Apache-2.0
"""Two kinds of charts as SVG: bars with their spread, and lines, both with logarithmic scales of time."""

import math
from html import escape

INK, FAINT, PAPER = "#24292f", "#d0d7de", "#ffffff"
COLOURS = ["#0969da", "#bc4c00", "#1a7f37", "#8250df", "#9a6700"]
FONT = 13


def text(x, y, words, anchor="start", size=FONT, weight="normal", colour=INK):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
            f'fill="{colour}">{escape(words)}</text>')


def line(x1, y1, x2, y2, colour=FAINT, width=1):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}"/>')


def svg(width, height, title, parts):
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}" '
        f'height="{height:.0f}" font-family="system-ui, sans-serif">',
        "<!-- SPDX-License-Identifier: Apache-2.0 -->", f"<title>{escape(title)}</title>",
        f'<rect width="100%" height="100%" fill="{PAPER}"/>', text(16, 26, title, size=16, weight="bold"), *parts,
        "</svg>"]) + "\n"


def duration(ms):
    """`820 µs`, `1.25 ms`, `3.4 s`."""
    value, unit = (ms * 1000, "µs") if ms < 1 else (ms, "ms") if ms < 1000 else (ms / 1000, "s")
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"


def decades(low, high):
    return [10.0 ** power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


class Scale:
    """Logarithmic, from `low` at pixel `begin` to `high` at `end`."""

    def __init__(self, low, high, begin, end):
        self.low, self.begin = math.log10(low), begin
        self.factor = (end - begin) / ((math.log10(high) - self.low) or 1)

    def __call__(self, value):
        return self.begin + (math.log10(value) - self.low) * self.factor


def bars(title, groups):
    """`groups`: heading → rows of (label, distribution in ms, colour number). A bar ends at the median, and
    the thin line over its end goes from the 10th to the 90th percentile."""
    width, left, bar, gap = 900, 330, 14, 24
    every = [row[1] for rows in groups.values() for row in rows]
    ticks = decades(min(ms["p10"] for ms in every), max(ms["p90"] for ms in every))
    scale = Scale(ticks[0], ticks[-1], left, width - 100)
    parts, y = [], 48
    for heading, rows in groups.items():
        y += 12
        parts.append(text(16, y, heading, weight="bold"))
        y += 10
        for tick in ticks:
            parts.append(line(scale(tick), y, scale(tick), y + gap * len(rows)))
        for label, ms, colour in rows:
            middle = y + gap / 2
            end = scale(ms["median"])
            parts.append(text(left - 10, middle + 5, label, "end"))
            parts.append(f'<rect x="{left}" y="{middle - bar / 2:.1f}" width="{max(end - left, 1):.1f}" height="{bar}" '
                         f'fill="{COLOURS[colour]}" fill-opacity="0.75"/>')
            parts.append(line(scale(ms["p10"]), middle, scale(ms["p90"]), middle, INK, 1.5))
            parts.append(text(max(end, scale(ms["p90"])) + 8, middle + 5, duration(ms["median"])))
            y += gap
        for tick in ticks:
            parts.append(text(scale(tick), y + 14, duration(tick), "middle", 11))
        y += 26
    return svg(width, y, title, parts)


def lines(title, panels):
    """`panels`: heading → (unit of x, series: name → points of (x, distribution in ms)), beside each other."""
    panel_width, top, bottom, height = 440, 76, 330, 410
    parts = []
    names = list(dict.fromkeys(name for _, series in panels.values() for name in series))
    for number, (heading, (unit, series)) in enumerate(panels.items()):
        left = 16 + 70 + number * panel_width
        right = left + panel_width - 100
        points = [point for one in series.values() for point in one]
        ticks = decades(min(ms["p10"] for _, ms in points), max(ms["p90"] for _, ms in points))
        numbers = sorted({x for x, _ in points})
        x_scale = Scale(numbers[0], numbers[-1], left, right)
        y_scale = Scale(ticks[0], ticks[-1], bottom, top)
        parts.append(text(left, top - 20, heading, weight="bold"))
        for tick in ticks:
            parts += [line(left, y_scale(tick), right, y_scale(tick)),
                      text(left - 8, y_scale(tick) + 4, duration(tick), "end", 11)]
        for x in numbers:
            parts += [line(x_scale(x), bottom, x_scale(x), bottom + 5, INK),
                      text(x_scale(x), bottom + 20, f"{x:g}", "middle", 11)]
        parts.append(text((left + right) / 2, bottom + 40, unit, "middle", 12))
        for name, one in series.items():
            colour = COLOURS[names.index(name)]
            path = " ".join(f"{x_scale(x):.1f},{y_scale(ms['median']):.1f}" for x, ms in one)
            parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
            for x, ms in one:
                parts += [f'<circle cx="{x_scale(x):.1f}" cy="{y_scale(ms["median"]):.1f}" r="3.5" fill="{colour}"/>',
                          line(x_scale(x), y_scale(ms["p10"]), x_scale(x), y_scale(ms["p90"]), colour, 1.5)]
    for number, name in enumerate(names):
        x = 86 + number * 170
        parts += [line(x, height - 18, x + 24, height - 18, COLOURS[number], 3), text(x + 32, height - 14, name)]
    return svg(16 + panel_width * len(panels), height, title, parts)
