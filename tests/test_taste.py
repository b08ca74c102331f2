"""The taste of the code, as far as a machine can see it."""

import ast
import functools
import pathlib

import autograd.numpy as np
from autograd import Tensor, Value
from autograd.primitive import table

PROJECT = pathlib.Path(__file__).parent.parent
ROOMS = [PROJECT / "autograd", PROJECT / "nn"]
SOURCES = sorted(path for room in ROOMS for path in room.rglob("*.py"))
WRITTEN = [*SOURCES, *sorted((PROJECT / "tests").rglob("*.py")), PROJECT / "run.py"]


@functools.cache
def read(path):
    """The text of a file."""
    return path.read_text(encoding="utf-8")


@functools.cache
def parse(path):
    """The syntax tree of a file."""
    return ast.parse(read(path))


def offences(paths, find):
    """What `find` finds in each file, where it finds anything."""
    found = {str(path.relative_to(PROJECT)): list(find(path)) for path in paths}
    return {path: where for path, where in found.items() if where}


def defined(path, *kinds):
    """The functions and classes of a file, or those of the kinds given."""
    return [node for node in ast.walk(parse(path))
            if isinstance(node, kinds or (ast.FunctionDef, ast.ClassDef))]


def test_lines_have_at_most_100_columns():
    assert not offences(WRITTEN, lambda path: [
        i for i, line in enumerate(read(path).splitlines(), 1) if len(line) > 100])


def test_files_have_at_most_300_lines():
    assert not offences(SOURCES, lambda path: [
        n for n in [len(read(path).splitlines())] if n > 300])


def test_functions_have_at_most_40_lines():
    assert not offences(SOURCES, lambda path: [
        node.name for node in defined(path, ast.FunctionDef)
        if node.end_lineno - node.lineno >= 40])


def test_files_open_with_a_sentence():
    assert not offences(WRITTEN, lambda path: [
        text for text in [(ast.get_docstring(parse(path)) or "").partition("\n\n")[0]]
        if not text.rstrip().endswith((".", "!", "?", ":"))])


def test_docstrings_have_at_most_a_dozen_lines():
    assert not offences(SOURCES, lambda path: [
        node.name for node in defined(path)
        if len((ast.get_docstring(node) or "").splitlines()) > 12])


def test_public_functions_and_classes_say_what_they_do():
    assert not offences(SOURCES, lambda path: [
        node.name for node in parse(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        and not ast.get_docstring(node) and not is_a_rule(node)
        and "overload" not in map(ast.unparse, node.decorator_list)])


def is_a_rule(node):
    """A derivative rule, which its primitive documents, or a function that mirrors one of math."""
    names = [arg.arg for arg in node.args.args] if isinstance(node, ast.FunctionDef) else []
    return names[:1] == ["g"] or names in (["x"], ["x", "y"], ["condition", "x", "y"])


def test_nothing_is_probed_outside_of_storage():
    assert not offences([path for path in SOURCES if "storage" not in path.parts], lambda path: [
        node.lineno for node in ast.walk(parse(path)) if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name) and node.func.id == "hasattr"])


def module(path):
    """The dotted name of a file's module."""
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path, modules):
    """The modules of this project that a file imports when it is imported itself."""
    here, found = module(path), set()
    package = here if path.name == "__init__.py" else here.rpartition(".")[0]
    for node in at_import(parse(path).body):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            up = package.split(".")[:len(package.split(".")) - node.level + 1]
            base = ".".join([*(up if node.level else []), *filter(None, [node.module])])
            names = [f"{base}.{alias.name}" for alias in node.names]
            names = [n if n in modules else base for n in names]
        found |= {n for n in names if n in modules}
    return found - {here}


def at_import(body):
    """The import statements that run with the module, not inside of functions or for types only."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.Try | ast.If) and "TYPE_CHECKING" not in ast.dump(node):
            yield from at_import([*node.body, *node.orelse])


def test_imports_go_one_way():
    modules = {module(path): path for path in SOURCES}
    imports = {here: imported(path, modules) for here, path in modules.items()}
    settled = set()
    while loose := [m for m in imports if m not in settled and imports[m] <= settled]:
        settled |= set(loose)
    left = {m: sorted(imports[m] - settled) for m in imports if m not in settled}
    assert not left                                     # each of these waits for another


ORDER = ["storage", "node", "primitive", "ops", "value", "tensor", "transforms"]


def test_rooms_import_only_rooms_below():
    modules = {module(path): path for path in SOURCES}
    for upper, room in enumerate(ORDER):
        above = {f"autograd.{other}" for other in ORDER[upper + 1:]}
        for here, path in modules.items():
            if here == f"autograd.{room}" or here.startswith(f"autograd.{room}."):
                wrong = {m for m in imported(path, modules)
                         if any(m == a or m.startswith(a + ".") for a in above)}
                assert not wrong, (here, wrong)
    for here, path in modules.items():
        if here.startswith("autograd"):
            assert not [m for m in imported(path, modules) if m.split(".")[0] == "nn"], here


KINDS = ("elementwise", "linear", "bilinear", "multilinear", "local", "special")


def test_a_derivative_is_written_once():
    """No primitive has two definitions, and none is defined outside of the table's room."""
    places = {}
    for path in SOURCES:
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and (
                    node.func.id in KINDS and node.args and isinstance(node.args[0], ast.Constant)):
                places.setdefault(node.args[0].value, []).append(path)
    assert len(places) > 40
    assert not [op for op, paths in places.items() if len(paths) > 1]
    assert not [op for op, paths in places.items() if "ops" not in paths[0].parts]


def test_nothing_printed_has_an_address():
    v, x = Value(2.0, label="v"), Tensor([1.0, 2.0], requires_grad=True)
    y, z = (v * v).tanh(), np.split(x * 2.0, 2)[0]
    things = [v, y, x, z, x > 0, *y.steps(), *z.steps(), *table.values(), y.op, z.node.op]
    for thing in things:
        assert "0x" not in repr(thing) and "0x" not in str(thing), thing
    assert "0x" not in repr(x.node) and "0x" not in repr(y.steps()[0])
