"""The Palmer penguins: 342 birds of three species, with four measurements each.

Gorman, Williams and Fraser 2014; read from the file in the package palmerpenguins, which itself is
not imported: that would bring pandas.
"""

import csv
from collections.abc import Iterable
from importlib import metadata
from typing import Any, NamedTuple

import numpy

from autograd.errors import ArgumentError

SPECIES = ("Adelie", "Chinstrap", "Gentoo")
COLUMNS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


def penguins() -> tuple[Any, Any]:
    """x of shape (342, 4), the columns in mm, mm, mm and g; y of shape (342,), indices in SPECIES.

    Raises ImportError, with the line that installs it, without the package palmerpenguins.
    """
    try:
        files = metadata.files("palmerpenguins") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "penguins.csv":
            with open(str(file.locate()), newline="", encoding="utf-8") as lines:
                return read_penguins(lines)
    raise ImportError("the penguins' measurements are in the package palmerpenguins, which is not "
                      "installed\nhelp: pip install palmerpenguins", name="palmerpenguins")


def read_penguins(lines: Iterable[str]) -> tuple[Any, Any]:
    """x and y of the rows of a CSV file that lack no measurement; ArgumentError for another."""
    try:
        rows = list(csv.DictReader(lines))
        if any(None in row or None in row.values() for row in rows):
            raise ValueError("a row of another length")
        whole = [row for row in rows if all(row[column] not in ("", "NA") for column in COLUMNS)]
        x = numpy.array([[float(row[column]) for column in COLUMNS] for row in whole])
        index = {species: i for i, species in enumerate(SPECIES)}
        y = numpy.array([index[row["species"]] for row in whole])
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        problem = repr(error)
    else:
        if whole and ((x > 0) & (x < numpy.inf)).all():
            return x, y
        problem = "measurements that are not positive" if whole else "no rows"
    raise ArgumentError(f"the penguins' file is damaged: {problem}",
                        "install it anew: pip install --force-reinstall palmerpenguins")


class Penguin(NamedTuple):
    """One bird in mm, mm, mm and g, and a note on the units that were read otherwise."""

    measurements: tuple[float, float, float, float]
    note: str


def read_penguin(text: str) -> Penguin:
    """'37.3,16.8,19.2,30.0' as one bird: bill length, bill depth, flipper length, body mass.

    Bills are in mm. A flipper below 50 is in cm, else in mm; a mass below 10 is in kg, below 100 in
    hundreds of g, else in g. Raises ArgumentError for what is not four positive numbers.
    """
    try:
        length, depth, flipper, mass = (float(part) for part in text.split(","))
    except ValueError:
        raise ArgumentError(f"a penguin is four numbers, not {text!r}",
                            "such as 37.3,16.8,192,3000: bill length, bill depth and flipper "
                            "length in mm, body mass in g") from None
    if not all(0 < number < 1e5 for number in (length, depth, flipper, mass)):
        raise ArgumentError(f"no penguin measures {text}", "give positive numbers")
    notes = []
    if flipper < 50:
        notes.append(f"the flipper's {flipper:g} as cm")
        flipper *= 10
    if mass < 100:
        notes.append(f"the mass's {mass:g} as {'kg' if mass < 10 else 'hundreds of g'}")
        mass *= 1000 if mass < 10 else 100
    return Penguin((length, depth, flipper, mass), " and ".join(notes))
