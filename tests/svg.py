"""An SVG picture as the tests read it: which groups it has, what they say, where they lie."""

import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def elements(svg, kind):
    """The groups of that class, each as (id, its lines of text)."""
    return {group.get("id"): [text.text for text in group.iter(f"{SVG}text")]
            for group in groups(svg, kind)}


def groups(svg, kind):
    """The groups of a class: node, edge or cluster."""
    return [group for group in ElementTree.fromstring(svg).iter(f"{SVG}g")
            if group.get("class") == kind]


def corners(group):
    """The (left, right, top, bottom) of all that is drawn in a group."""
    points = [tuple(map(float, point.split(","))) for shape in group.iter(f"{SVG}polygon")
              for point in shape.get("points").split()]
    xs, ys = zip(*points, strict=True)
    return min(xs), max(xs), min(ys), max(ys)


def overlaps(svg):
    """The pairs of boxes that lie on each other."""
    boxes = [(group.get("id"), *corners(group)) for group in groups(svg, "node")]
    assert boxes
    return [(one[0], other[0]) for i, one in enumerate(boxes) for other in boxes[:i]
            if not (one[2] < other[1] or other[2] < one[1]
                    or one[4] < other[3] or other[4] < one[3])]


def spilled(svg):
    """The lines of text that are wider than their box, in Courier's 0.6 em a character."""
    found = []
    for group in groups(svg, "node"):
        left, right, _, _ = corners(group)
        for text in group.iter(f"{SVG}text"):
            start, width = float(text.get("x")), 0.6 * float(text.get("font-size"))
            start -= width * len(text.text) / 2 if text.get("text-anchor") == "middle" else 0
            if start < left - 1 or start + width * len(text.text) > right + 1:
                found.append(text.text)
    return found
