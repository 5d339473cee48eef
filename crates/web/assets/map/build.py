#!/usr/bin/env python3
"""Draws map/france.svg, the base under every map, from the outlines of départements.

Usage: python3 build.py BASE_MAP.json > france.svg

BASE_MAP.json holds `view_box`, `departements` {code: {name, d}} and `insets` {code: {name, box, d}},
with paths in relative whole numbers (M, l, z).
The drawing is one path: départements are not clickable, and one element is cheaper than a hundred.
Coordinates are rounded to a coarser grid, absolute points first, so that shared borders stay shared.
Colours follow the reader's scheme by a media query of the image itself.
"""

import json
import re
import sys
from xml.sax.saxutils import escape

GRID = 5  # units of the base map per unit of the drawing
TOKEN = re.compile(r"[MmLlHhVvZz]|-?\d+(?:\.\d+)?")


def points(d):
    """Absolute rings of a path made of M/m, l/L and z."""
    rings, ring, x, y, command = [], [], 0.0, 0.0, "M"
    tokens = TOKEN.findall(d)
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.isalpha():
            command = token
            i += 1
            if command in "Zz":
                rings.append(ring)
                if ring:
                    x, y = ring[0]
                ring = []
            continue
        a = float(token)
        if command in "Hh":
            x = a if command == "H" else x + a
            i += 1
        elif command in "Vv":
            y = a if command == "V" else y + a
            i += 1
        else:
            b = float(tokens[i + 1])
            x, y = (a, b) if command in "ML" else (x + a, y + b)
            i += 2
            if command in "Mm":
                if ring:
                    rings.append(ring)
                ring = []
                command = "L" if command == "M" else "l"
        ring.append((x, y))
    if ring:
        rings.append(ring)
    return rings


def draw(ring):
    """A closed ring in relative whole numbers of the grid, or nothing when it vanishes there."""
    grid = [(round(x / GRID), round(y / GRID)) for x, y in ring]
    kept = [grid[0]]
    for point in grid[1:]:
        if point != kept[-1]:
            kept.append(point)
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    if len(kept) < 3:
        return ""
    out = [f"M{kept[0][0]} {kept[0][1]}"]
    command = ""
    for (x0, y0), (x1, y1) in zip(kept, kept[1:]):
        dx, dy = x1 - x0, y1 - y0
        pair = f"{dx}{dy}" if dy < 0 else f"{dx} {dy}"
        if command == "l" and dx >= 0:
            pair = " " + pair
        elif command != "l":
            pair = "l" + pair
            command = "l"
        out.append(pair)
    return "".join(out) + "z"


def fold(name, width):
    """A name on one line, or on two when its frame is too narrow for it."""
    if len(name) * 105 < width - 100:
        return [name]
    cuts = [i + 1 for i, c in enumerate(name) if c in "- "]
    cut = min(cuts, key=lambda i: abs(i - len(name) / 2))
    return [name[:cut].strip(), name[cut:]]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        base = json.load(file)
    _, _, width, height = base["view_box"]
    captions = 450
    shapes = list(base["departements"].values()) + list(base["insets"].values())
    land = "".join(draw(ring) for shape in shapes for ring in points(shape["d"]))
    frames, names = [], []
    for inset in base["insets"].values():
        x, y, w, h = (round(value) for value in inset["box"])
        frames.append(f"M{x + 10} {y + 10}h{w - 20}v{h - 20}h-{w - 20}z")
        lines = fold(inset["name"], w)
        for rank, line in enumerate(lines):
            # The frames of the first row have room above them, those of the last row below the map.
            baseline = y + h + 200 * (rank + 1) if y + h >= height else y - 50 - 200 * (len(lines) - 1 - rank)
            names.append(f'<text x="{x + 20}" y="{baseline}">{escape(line)}</text>')
    print(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + captions}" id="t">'
        "<style>"
        ".l{fill:#e6e6da;stroke:#fbfaf6;stroke-width:2.4}"
        ".f{fill:none;stroke:#d9dad2;stroke-width:16}"
        "text{fill:#55615b;font:190px system-ui,sans-serif}"
        "@media(prefers-color-scheme:dark){"
        ".l{fill:#2a3531;stroke:#131917}.f{stroke:#35403b}text{fill:#a9b6af}}"
        "@media print{.l{fill:#eee;stroke:#999}}"
        # Asked as france.svg#t: outlines alone, over tiles.
        "#t:target .l{fill:none;stroke:#55615b;stroke-width:1.4;stroke-opacity:.7}"
        "</style>"
        f'<path class="f" d="{"".join(frames)}"/>'
        f'<path class="l" transform="scale({GRID})" d="{land}"/>'
        + "".join(names)
        + "</svg>"
    )


main()
