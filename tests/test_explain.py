"""Explaining: what is printed is the rule. Text and LaTeX are read back and evaluated."""

import math
import operator
import re
import warnings
from fractions import Fraction

import domains
import numpy
import pytest
from hypothesis import given, settings, strategies as st

import autograd
import autograd.numpy as np
import nn
from autograd import (
    ArgumentError,
    Tensor,
    Value,
    bilinear,
    custom_gradient,
    elementwise,
    linear,
    local,
)
from autograd.primitive import reserved, table
from autograd.show.explaining.explain import explain
from autograd.show.explaining.latex import Latex
from autograd.show.formula import Words
from autograd.symbol import parts

OURS = {name: op for name, op in table.items() if name in reserved}
POINTWISE = {name: op for name, op in OURS.items() if op.diagonal and not op.defaults}
FLOATS = parts | {name: lambda *xs, op=op: op.on_floats(xs, op.defaults)
                  for name, op in OURS.items()}
ARROW = "→"


# -- reading what was printed --------------------------------------------------------------------

def rules_of(op):
    """The printed rules of an elementwise operation: operand to (what g becomes, derivative)."""
    lines = re.findall(r"^  for (\w): (.+?)\s{4,}so dz/d\w = (.+)$", repr(explain(op)),
                       re.MULTILINE)
    return {x: (means, derivative) for x, means, derivative in lines}


def python(text, **names):
    """The value of a printed line of Python."""
    return eval(text, {**FLOATS, **names})


COMMANDS = {r"\ln": math.log, r"\arcsin": math.asin, r"\arccos": math.acos,
            r"\arctan": math.atan, r"\max": FLOATS["maximum"], r"\min": FLOATS["minimum"],
            **{rf"\{name}": FLOATS[name] for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}}
SIGNS = {"=": operator.eq, r"\neq": operator.ne, "<": operator.lt, r"\leq": operator.le,
         ">": operator.gt, r"\geq": operator.ge}
TOKEN = r"\\\\\[6pt\]|\\\\|\\[a-zA-Z]+|\\.|\d+\.?\d*|[a-zA-Z]\d*|\S"


def plain(text):
    """Formulas with v2 for v_{2}."""
    return re.sub(r"(?<![a-zA-Z\\])([a-z])_\{(\d+)\}", r"\1\2", text)


class Reader:
    """Evaluates the LaTeX of a formula; cases are evaluated only where they hold."""

    number = float
    power_of, quotient = FLOATS["pow"], FLOATS["divide"]

    def __init__(self, text, **names):
        text = re.sub(r"\\(left|right|,|displaystyle)(?![a-zA-Z])", "", text)
        self.tokens, self.names = re.findall(TOKEN, plain(text).replace(r"\dfrac", r"\frac")), names
        self.place = 0

    def value(self):
        result = self.sum()
        assert self.place == len(self.tokens), self.tokens[self.place:]
        return result()

    def next(self):
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, *expected):
        for token in expected:
            assert self.next() == token, (token, self.tokens[self.place:])
            self.place += 1
        return self.tokens[self.place - 1]

    def word(self):
        """What stands between braces, letter by letter."""
        self.take("{")
        start = self.place
        while self.next() != "}":
            self.place += 1
        self.place += 1
        return "".join(self.tokens[start:self.place - 1]).replace("\\", "")

    def group(self):
        self.take("{")
        inside = self.sum()
        self.take("}")
        return inside

    def sum(self):
        parts = [self.product()]
        while self.next() in ("+", "-"):
            parts.append(self.product())
        return lambda: math_sum(part() for part in parts)

    def product(self):
        sign = 1
        if self.next() in ("+", "-"):
            sign = -1 if self.next() == "-" else 1
            self.place += 1
        factors = [self.power()]
        while self.next() not in ("", "+", "-", "}", ")", "]", "&", ",", r"\vert", r"\rfloor",
                                  r"\rceil", r"\end", r"\\", r"\\[6pt]", r"\wedge", r"\text",
                                  *SIGNS):
            if self.next() == r"\cdot":
                self.place += 1
            factors.append(self.power())
        return lambda: sign * math.prod(factor() for factor in factors)

    def power(self):
        base = self.atom()
        if self.next() != "^":
            return base
        self.take("^")
        exponent = self.group()
        return lambda: type(self).power_of(base(), exponent())

    def arguments(self):
        self.take("(")
        found = [self.sum()]
        while self.next() == ",":
            self.take(",")
            found.append(self.sum())
        self.take(")")
        return found

    def call(self, function):
        arguments = self.arguments()
        return lambda: function(*(argument() for argument in arguments))

    def between(self, end, function):
        inside = self.sum()
        self.take(end)
        return lambda: function(inside())

    def atom(self):
        token = self.next()
        self.place += 1
        if token[0].isdigit():
            return lambda: self.number(token)
        if token in self.names:
            return lambda: self.names[token]
        if token == "(":
            return self.between(")", lambda x: x)
        if token in COMMANDS:
            return self.call(COMMANDS[token])
        if token == r"\log":
            self.take("_")
            return self.call(FLOATS["log" + self.word()])
        if token == r"\operatorname":
            return self.call(FLOATS[self.word()])
        if token == r"\mathrm":
            constant = {"e": math.e, "i": 1j, "nan": math.nan}[self.word()]
            return lambda: constant
        if token == r"\frac":
            over, under = self.group(), self.group()
            return lambda: type(self).quotient(over(), under())
        if token == r"\begin":
            return self.cases()
        one = {r"\sqrt": ("{", "}", "sqrt"), r"\overline": ("{", "}", "conj"),
               r"\vert": ("", r"\vert", "abs"), r"\lfloor": ("", r"\rfloor", "floor"),
               r"\lceil": ("", r"\rceil", "ceil")}
        opening, closing, name = one[token]
        self.take(*opening)
        return self.between(closing, FLOATS[name])

    def cases(self):
        assert self.word() == "cases"
        rows = []
        while self.next() != r"\end":
            x = self.sum()
            self.take("&", r"\text")
            rows.append((self.condition() if self.word() == "if" else lambda: True, x))
            if self.next() in (r"\\", r"\\[6pt]"):
                self.place += 1
        self.take(r"\end")
        assert self.word() == "cases"
        return lambda: next(x for holds, x in rows if holds())()

    def condition(self):
        tests = [self.comparison()]
        while self.next() == r"\wedge":
            self.take(r"\wedge")
            tests.append(self.comparison())
        return lambda: all(test() for test in tests)

    def comparison(self):
        left = self.sum()
        if self.next() not in SIGNS:
            return left
        sign = self.take(self.next())
        if self.tokens[self.place:self.place + 5] == [r"\mathrm", "{", *"nan"]:
            self.place += 6
            return lambda: not math.isnan(left())
        right = self.sum()
        return lambda: SIGNS[sign](left(), right())


class Exactly(Reader):
    """Evaluates with fractions, on which the order of factors makes no difference."""

    number = Fraction
    power_of, quotient = operator.pow, operator.truediv


def math_sum(parts):
    first, *rest = parts
    for part in rest:
        first = first + part
    return first


def equations_of(op):
    """The equations of an explanation by their left sides."""
    return dict(line.split(" = ", 1) for line in explain(op).equations)


def latex(text, **names):
    """The value of a printed formula in LaTeX."""
    return Reader(text, **names).value()


def same(found, expected, tolerance=1e-12):
    if expected != expected:
        return found != found
    return found == expected or abs(found - expected) <= tolerance * abs(expected)


def points(case, most=3):
    """Some of the numbers at which a drawn case evaluates an elementwise operation."""
    arrays = numpy.broadcast_arrays(*case.args)
    flat = [[x.item() for x in array.ravel()[:most]] for array in arrays]
    return list(zip(*flat, strict=True))


def refuses(op, i):
    """Whether the rule of operand i is that it has no derivative."""
    return bool(op.rules and op.rules[i]) and op.written[i].__name__ == "refuse"


def agrees(op, point):
    """Check the printed rules of `op` at a point, as text and as LaTeX, against its own rule."""
    z = op.on_floats(point, op.defaults)
    names = {"z": z, **dict(zip("xyw", point, strict=False))}
    printed, drawn = rules_of(op), equations_of(op)
    note = re.search("Where (.+) is nan, so is this: nan stays nan", repr(explain(op)))
    nan = note and any(x != x for name, x in zip("zxyw", (z, *point), strict=False)
                       if name in note[1])
    for i, (name, (means, derivative)) in enumerate(
            (name, printed.get(name, ("", ""))) for name in "xyw"[:len(op.rules)]):
        if refuses(op, i):
            assert not means and "raise GraphError" in repr(explain(op))
            continue
        if op.rules[i] is None:
            assert not means
            assert f"for {name}: nothing" in repr(explain(op))
            continue
        for g, text, left in ((0.7, means, f"g_{{{name}}}"),
                              (1.0, derivative, rf"\frac{{\partial z}}{{\partial {name}}}")):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                expected = op.rule(i, g, z, point, {})
            if nan:                                     # what is said is true, and all that is said
                assert expected != expected
                continue
            assert same(python(text, g=g, **names), expected), (text, point)
            assert same(latex(drawn[left], g=g, **names), expected, 1e-9), (drawn[left], point)


# -- one operation -------------------------------------------------------------------------------

@pytest.mark.parametrize("name", POINTWISE)
@given(data=st.data())
def test_what_is_printed_computes_what_the_rule_computes(name, data):
    for point in points(data.draw(domains.PRIMITIVES[name].cases)):
        agrees(table[name], point)


SIGNS_OF_PYTHON = {"+": operator.add, "-": operator.sub, "*": operator.mul,
                   "/": operator.truediv, "**": operator.pow, "<": operator.lt,
                   "==": operator.eq, ">=": operator.ge}
EXPRESSIONS = st.recursive(
    st.sampled_from(["x", "y", "w", 2, 3]), lambda inner:
    st.tuples(st.sampled_from("+-*/"), inner, inner)
    | st.tuples(st.just("-"), inner)
    | st.tuples(st.just("**"), inner, st.sampled_from([2, 3]))
    | st.tuples(st.just("where"), st.sampled_from(["<", "==", ">="]), inner, inner, inner, inner),
    max_leaves=10)


def built(tree, names):
    """An expression on formulas or on fractions."""
    if not isinstance(tree, tuple):
        return names.get(tree, tree)
    if tree[0] != "where":
        parts = [built(part, names) for part in tree[1:]]
        return -parts[0] if len(parts) == 1 else SIGNS_OF_PYTHON[tree[0]](*parts)
    holds = SIGNS_OF_PYTHON[tree[1]](built(tree[2], names), built(tree[3], names))
    x, y = built(tree[4], names), built(tree[5], names)
    return (x if holds else y) if isinstance(holds, bool) else np.where(holds, x, y)


@settings(max_examples=500)
@given(EXPRESSIONS, st.tuples(*[st.sampled_from([-2, -1, 0, 1, 3])] * 3))
def test_any_expression_is_printed_with_the_brackets_it_needs(tree, numbers):
    names = {name: Fraction(number) for name, number in zip("xyw", numbers, strict=True)}
    formulas = {number: Fraction(number) for number in (2, 3)}
    try:
        expected = built(tree, {**names, **formulas})
    except ZeroDivisionError:
        return
    for kind, read in ((Words, exactly), (Latex, lambda text, **by: Exactly(text, **by).value())):
        printed = built(tree, {name: kind(name) for name in "xyw"})
        if isinstance(printed, kind):
            assert read(printed.text, **names) == expected, printed.text


def exactly(text, **names):
    """The value of a line of Python whose numbers are fractions."""
    return eval(re.sub(r"\d+(\.\d+)?", r"Fraction('\g<0>')", text), {"Fraction": Fraction, **names})


AT_KINKS = [-2.0, -0.0, 0.0, 1.0, 2.0, math.inf, math.nan]


@pytest.mark.parametrize("name", ["relu", "abs", "maximum", "minimum", "at_least", "at_most",
                                  "hypot", "atan2", "copysign", "where"])
def test_cases_are_those_of_the_rule_at_kinks_and_nan(name):
    for x in AT_KINKS:
        for y in AT_KINKS:
            agrees(table[name], (x == x, x, y) if name == "where" else
                   (x, y)[:len(table[name].rules)])


@pytest.mark.parametrize("name", POINTWISE)
def test_what_an_operation_computes_is_printed_too(name):
    op = table[name]
    point = (2 if refuses(op, 0) else 0.3, 2, 0.4)[:len(op.rules)]      # 2: an order, a degree
    names = dict(zip("xyw", point, strict=False))
    text = re.match(rf"{name}: z = (.+)", repr(explain(op)))[1]
    assert same(python(text, **names), op.on_floats(point, {}))
    assert same(latex(equations_of(op)["z"], **names), op.on_floats(point, {}), 1e-9)


@pytest.mark.parametrize("name", OURS)
def test_latex_is_well_formed_and_free_of_python(name):
    explained = explain(OURS[name])
    for equation in [*explained.equations, explained.latex]:
        assert depth(equation) == 0
        assert equation.count(r"\left") == equation.count(r"\right")
        assert not re.search(r"\*|\belse\b|[$|@%`]|==|ᵀ", equation)
    assert "0x" not in repr(explained)
    assert explained._repr_markdown_().count("$") % 2 == 0


def depth(text):
    """How many braces are left open; -1 where one closes too early."""
    level = 0
    for brace in re.findall(r"(?<!\\)[{}]", text):
        level += 1 if brace == "{" else -1
        if level < 0:
            return -1
    return level


def test_mathtext_draws_what_it_knows():
    """matplotlib reads LaTeX without environments: a second reader, which is not ours."""
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="pip install matplotlib")
    parser, read = mathtext.MathTextParser("path"), 0
    for op in OURS.values():
        for equation in explain(op).equations:
            if r"\begin" not in equation:
                parser.parse(f"${equation}$")
                read += 1
    assert read > 150


def test_tanh_in_words_and_latex():
    explained = explain(np.tanh)
    assert repr(explained) == """\
tanh: z = tanh(x)
Elementwise: each element of the result depends on one element of each operand.
The same factor serves both directions. An operand that was broadcast gets the
sum over its copies.
g, how much the loss changes per unit of z, becomes
  for x: g * sech(x) * sech(x)    so dz/dx = sech(x) * sech(x)"""
    assert explained.equations == (
        r"z = \tanh(x)", r"g_{x} = g \cdot \operatorname{sech}(x)^{2}",
        r"\frac{\partial z}{\partial x} = \operatorname{sech}(x)^{2}")
    assert explained.latex.startswith("\\begin{aligned}\nz &= \\tanh(x) \\\\[4pt]\n")
    assert r"$\displaystyle g \cdot \operatorname{sech}(x)^{2}$" in explained._repr_markdown_()


@pytest.mark.parametrize(("op", "expected"), [
    (np.divide, [r"\frac{x}{y}", r"\frac{g}{y}", r"\frac{1}{y}", r"-\frac{g \cdot z}{y}",
                 r"-\frac{z}{y}"]),
    (np.square, ["x^{2}", r"2 g \cdot x", "2 x"]),
    (np.asin, [r"\arcsin(x)", r"\frac{g}{\sqrt{(1 - x) (1 + x)}}",
               r"\frac{1}{\sqrt{(1 - x) (1 + x)}}"]),
    (np.relu, [r"\operatorname{relu}(x)",
               r"\begin{cases} g & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
               r"\begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"]),
    (table["matrix_product"], [r"x \, y", r"g \, y^{\top}", r"x^{\top} \, g"]),
    (table["matrix_transpose"], [r"x^{\top}", r"g^{\top}"]),
    (np.abs, [r"\vert x\vert", r"g \cdot \overline{\operatorname{sign}(x)}",
              r"\overline{\operatorname{sign}(x)}"])])
def test_latex_as_one_writes_it(op, expected):
    assert [line.split(" = ", 1)[1] for line in explain(op).equations] == expected


def test_the_text_is_that_of_the_readme():
    """The formulas of the README's table come out of another printer."""
    for op in POINTWISE.values():
        if not re.search("\\*\\*|nan stays nan", repr(explain(op))):  # x ** y is pow(x, y) there
            moving = [i for i in range(len(op.rules)) if i not in op.fixed and not refuses(op, i)]
            assert [means for means, _ in rules_of(op).values()] == [*map(op.formula, moving)]


def test_linear_and_bilinear_maps_need_no_example():
    assert "for x: g @ yᵀ\n  for y: xᵀ @ g" in repr(explain(table["matrix_product"]))
    assert "for x: reshape(g, x.shape)" in repr(explain(table["reshape"]))
    assert "for x: scatter(g, x.shape, [index])" in repr(explain(table["getitem"]))
    assert "for x: broadcast_to(spread(g, x.shape, axis), x.shape)" in repr(explain(table["sum"]))
    assert "for x: put(g, y, axis=axis, size=x.shape[axis])" in repr(explain(table["take"]))


def test_a_rule_that_looks_at_shapes_shows_its_source():
    for name, rule in (("prod", "prod"), ("max", "extreme"), ("concat", "concat")):
        shown = repr(explain(table[name]))
        assert "what its rule says:\n" in shown
        assert f"def {rule}(g: Any, x" in shown.replace("z: Any, ", "")
    assert "```python\n@linear(" in explain(table["concat"])._repr_markdown_()


def test_what_has_no_derivative_says_so():
    assert "The gradient ends here." in repr(explain(np.argmax))
    assert "for x: nothing, it has no gradient" in repr(explain(table["where"]))
    bare = elementwise("explained_bare", forward=lambda xp, x: x)
    assert "to ask for its gradient is an error" in repr(explain(bare))


# -- operations of one's own ---------------------------------------------------------------------

def test_operations_of_ones_own():
    cube = elementwise("explained_cube", lambda g, x: g * 3 * x * x, forward=lambda xp, x: x**3)
    assert explain(cube).equations[1:] == (r"g_{x} = 3 g \cdot x^{2}",
                                           r"\frac{\partial z}{\partial x} = 3 x^{2}")
    twice = linear("explained_twice", lambda g: 2 * g, forward=lambda xp, x: 2 * x)
    assert "for x: 2 * g" in repr(explain(twice))
    times = bilinear("explained_times", lambda g, y: g * y, lambda g, x: g * x,
                     forward=lambda xp, x, y: x * y)
    assert explain(times).equations[1:] == (r"g_{x} = g \cdot y", r"g_{y} = g \cdot x")
    bend = local("explained_bend", lambda g, x: g * np.cos(x), forward=lambda xp, x: xp.sin(x))
    assert "from x: g * cos(x)" in repr(explain(bend))
    assert explain(bend).equations[1] == r"g_{z} = g \cdot \cos(x)"

    @custom_gradient(lambda g, x: g * 2 * x)
    def explained_squared(x):
        return x * x

    assert "for x: g * 2 * x" in repr(explain(explained_squared))
    assert "2 * x             6.0" in repr(explain(explained_squared, 3.0))


@pytest.mark.parametrize("mode", ["a|b", "$x$", "<b>", "\\frac{", "`", "{", "%", "é", "two  words"])
def test_metadata_is_safe_in_every_form(mode):
    @custom_gradient(lambda g, *, mode=None: g)
    def explained_mode(x, *, mode=None):
        return x

    explained = explain(explained_mode, 2.0, mode=mode)
    shown = f"{explained.latex} {' '.join(explained.equations)}"
    assert depth(shown) == 0
    assert not re.search(r"[$|<%`]|\\frac\{$", shown)
    assert r"\mathrm{mode=" in shown
    row = explained._repr_markdown_().splitlines()[6]
    assert len(re.findall(r"(?<!\\)\|", row)) == 6
    assert row.count("`") % 2 == 0


def test_a_long_name_is_shortened():
    long = elementwise("explained_" + "x" * 10_000, lambda g: g, forward=lambda xp, x: x)
    explained = explain(long, 2.0)
    assert len(repr(explained)) < 2000
    assert len(explained._repr_markdown_()) < 2000


def branching(g, x):
    if x > 0:
        return g
    return -g


def counting(g, x):
    while x > 1e-3:                         # would not end on a symbol
        x = x / 2
    return g * x


def unpacking(g, x):
    first, *_ = x                           # a symbol has no end
    return g * first


def of_numpy(g, x):
    return g * numpy.sin(x)


def raising(g, x):
    raise KeyError("no")


def of_words(g, x):
    return "g"


@pytest.mark.parametrize("rule", [branching, counting, unpacking, of_numpy, raising, of_words])
def test_a_rule_that_cannot_be_printed_shows_its_source(rule):
    op = elementwise(f"explained_{rule.__name__}", rule, forward=lambda xp, x: x)
    explained = explain(op)
    assert f"def {rule.__name__}(g, x):" in repr(explained)
    assert f"def {rule.__name__}(g, x):" in explained._repr_markdown_()
    assert len(explained.equations) == 1
    assert f"{op.name}ᵀ(g)" in repr(explain(op, numpy.ones(2)))


def test_a_rule_without_source_says_so():
    scope = {}
    exec("rule = lambda g, x: g if x > 0 else -g", scope)
    op = elementwise("explained_unreadable", scope["rule"], forward=lambda xp, x: x)
    assert "(its source cannot be read)" in repr(explain(op))


def test_source_cannot_leave_its_block():
    def explained_fence(g, x):
        """```
        <script>alert(1)</script>
        ````"""
        if x > 0:
            return g
        return -g

    op = elementwise("explained_fenced", explained_fence, forward=lambda xp, x: x)
    assert "\n`````python\n" in explain(op)._repr_markdown_()


# -- functions -----------------------------------------------------------------------------------

def rows_of(explained):
    """The table of a printed explanation: a dict by heading for each row."""
    head, *lines = re.search(r"\n\n  (result .+?)\n\n", repr(explained) + "\n\n",
                             re.DOTALL)[1].splitlines()
    starts = [match.start() for match in re.finditer(r"\S+( \S+)*", head)]
    rows = []
    for line in lines:
        cells = [line[2:][a:b].strip() for a, b in zip(starts, [*starts[1:], None], strict=True)]
        rows.append(dict(zip(re.split(r"\s{2,}", head), cells, strict=True)))
        rows[-1]["result"] = rows[-1]["result"] or rows[-2]["result"]
        rows[-1]["value"] = rows[-1]["value"] or rows[-2]["value"]
    return rows


def wavy(x, y):
    return np.tanh(x * y) + x * x


def steep(x, y):
    return (2.0**x - y**3 / x) * np.sqrt(x + y)


def many(x, y, w):
    return np.sin(x) * np.exp(-y) + np.log(w / x) - abs(y - w) ** x


@pytest.mark.parametrize(("f", "args"), [(wavy, (0.5, -0.7)), (steep, (1.5, 0.7)),
                                         (many, (0.4, 0.9, 1.7))])
def test_the_numbers_of_a_table_are_its_symbols_at_this_point(f, args):
    rows = rows_of(explain(f, *args))
    names = dict(zip("xyw", args, strict=False))
    for row in rows:
        name, made = row["result"].split(" = ")
        names[name] = python(made, **names)
        assert float(row["value"]) == pytest.approx(names[name], rel=1e-3, abs=1e-3)
    for row in rows:
        assert row["operand"] in names
        assert float(row["here"]) == pytest.approx(python(row["local derivative"], **names),
                                                   rel=1e-3, abs=1e-3)


@pytest.mark.parametrize(("f", "args"), [(wavy, (0.5, -0.7)), (steep, (1.5, 0.7)),
                                         (many, (0.4, 0.9, 1.7))])
def test_the_chain_of_a_table_is_the_gradient(f, args):
    """Evaluate the equations in LaTeX, multiply along the paths, sum: the gradient."""
    names, edges = dict(zip("xyw", args, strict=False)), []
    for equation in map(plain, explain(f, *args).equations):
        left, right = equation.partition(r" \quad ")[0].split(" = ", 1)
        edge = re.fullmatch(r"\\frac\{\\partial (\w+)\}\{\\partial (\w+)\}", left)
        if edge:
            edges.append((*edge.groups(), right))
        else:
            names[left] = latex(right, **names)
            total = {left: 1.0}
    for z, x, right in reversed(edges):
        total[x] = total.get(x, 0.0) + total[z] * latex(right, **names)
    expected = autograd.grad(f, argnums=tuple(range(len(args))))(*args)
    assert [total[x] for x in "xyw"[:len(args)]] == pytest.approx(list(expected), rel=1e-9)


def test_each_operation_is_explained_once_in_order():
    text = repr(explain(wavy, 2.0, 3.0))
    assert re.findall(r"^(\w+): z = ", text, re.MULTILINE) == ["multiply", "tanh", "add"]
    assert text.startswith("wavy(x, y) recorded 4 operations, in this order:\n"
                           "  with x = 2.0, y = 3.0\n")
    assert text.count("The same factor serves both directions.") == 1


def test_x_times_x_has_two_rows():
    rows = rows_of(explain(lambda x: x * x, 3.0))
    assert [(row["operand"], row["local derivative"], row["here"]) for row in rows] == [
        ("x", "x", "3.0"), ("x", "x", "3.0")]
    equations = explain(lambda x: x * x, 3.0).equations
    assert equations[0] == r"v_{1} = x \cdot x"
    assert equations[1].endswith(r"= x \quad \mathrm{(operand\ 1)}")


def test_without_arguments_a_function_is_run_on_guesses():
    explained = explain(wavy)
    assert repr(explained).startswith("wavy(x, y), run on guesses as no example arguments were "
                                      "given, recorded 4")
    assert "with x = 0.5, y = 0.6" in repr(explained)
    assert "guesses" not in repr(explain(wavy, 0.5, 0.6))
    assert "with x = 0.5\n" in repr(explain(lambda x, y=2.0: x * y))
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    assert "with a = 2.0, b = 3.0" in repr(explain(lambda: a * b))


@pytest.mark.parametrize(("f", "guess"), [
    (np.sum, "guesses, arrays of shape (2,),"), (np.mean, "guesses, arrays of shape (2,),"),
    (np.softmax, "guesses, arrays of shape (2,),"), (np.matmul, "guesses, arrays of shape (2,),"),
    (nn.cross_entropy, "guesses, arrays of shape (2,),"),
    (lambda x: x @ x.mT, "guesses, arrays of shape (2, 2),"), (wavy, "guesses"),
    (nn.Linear(2, 3, rng=0), "its own example"), (nn.MLP(2, [2, 1]), "its own example")])
def test_the_first_guess_that_works_is_named(f, guess):
    text = repr(explain(f))
    assert f"run on {guess} as no example arguments were given" in " ".join(text.split())
    assert "from_values" not in text and "def pull" not in text


def test_no_guess_is_made_of_what_needs_no_arguments_or_was_given_some():
    assert "run on" not in repr(explain(np.mean, numpy.ones(3)))
    a = Value(2.0)
    assert "run on" not in repr(explain(lambda: a * a))


def test_internals_are_a_sentence_and_ones_own_kinds_are_source():
    text = repr(explain(lambda a, b: np.split(autograd.stack([a, b]), 2)[0][0].values(), 1.0, 2.0))
    assert "Makes an array of numbers. Each number gets its element of g." in text
    assert "Takes one output of several." in text
    assert "Takes the one element of an array as a number." in text
    assert "def pull" not in text


def test_the_case_that_only_nan_comes_to_is_a_sentence():
    text = repr(explain(np.relu))
    assert "for x: g if x > 0 else 0.0    so dz/dx = 1 if x > 0 else 0.0\n" in text
    assert text.endswith("Where x is nan, so is this: nan stays nan.")
    maximum = repr(explain(table["maximum"]))
    assert "g if x > y else (0.0 if x < y else 0.5 * g)" in maximum
    assert "Where x or y is nan, so is this" in maximum
    assert "nan stays nan" in explain(np.relu)._repr_markdown_()
    assert "nan stays nan" not in repr(explain(np.where, True, 1.0, 2.0))
    two = elementwise("explained_two", lambda g, x: np.where(x > 0, g, np.where(x < 0, -g, x)),
                      forward=lambda xp, x: xp.abs(x))
    assert "g if x > 0 else (-g if x < 0 else x)" in repr(explain(two))     # x may be 0 there
    assert r"x & \text{otherwise}" in explain(two).latex
    kept = elementwise("explained_kept", lambda g, x: np.where(x == x, g, 0.0),
                       forward=lambda xp, x: xp.nan_to_num(x))
    assert "g if x == x else 0.0" in repr(explain(kept))    # nan does not stay nan
    assert r"\neq \mathrm{nan}" in explain(kept).latex
    first = elementwise("explained_first", lambda g, x, y: np.where(
        x == x, g, np.where(y > 0.0, 1.0, x)), None, forward=lambda xp, x, y: x)
    assert "g if x == x else (1.0 if y > 0.0 else x)" in repr(explain(first))


def test_names_are_the_callers_variables_or_given():
    first, second = Value(2.0), Value(3.0)
    product = first * second
    assert "product = first * second" in repr(explain(product, names=True))
    assert "p = a * second" in repr(explain(product, names={"p": product, "a": first,
                                                            "second": second}))
    assert "v2 = v0 * v1" in repr(explain(product))
    shown = explain(lambda x: x * first, 0.5, names=True)
    assert "x * first" in repr(shown) and r"x \cdot" in shown.latex
    with pytest.raises(ArgumentError, match="names="):
        explain(product, names="all")


def test_arrays_show_the_map_and_its_shapes():
    X, W = numpy.ones((2, 3)), numpy.ones((3, 1))
    rows = rows_of(explain(lambda X, W: np.tanh(X @ W), X, W))
    assert [(row["operand"], row["local derivative"], row["here"]) for row in rows] == [
        ("X", f"g {ARROW} g @ Wᵀ", f"(2, 1) {ARROW} (2, 3)"),
        ("W", f"g {ARROW} Xᵀ @ g", f"(2, 1) {ARROW} (3, 1)"),
        ("v2", "sech(v2) * sech(v2)", "0.00987 to 0.00987, mean 0.00987")]
    assert rows[0]["value"] == "float64 (2, 1)"


def test_a_constant_array_has_a_name():
    explained = explain(lambda x: x * numpy.array([1.0, 2.0]), numpy.ones(2))
    assert "with x = float64 (2,), c0 = float64 (2,)" in repr(explained)
    assert explained.equations[0] == r"v_{1} = x \cdot c_{0}"


def test_library_functions_and_modules():
    x = numpy.array([1.0, 2.0, 4.0])
    assert re.findall(r"^(\w+): z", repr(explain(np.softmax, x)), re.MULTILINE) == [
        "subtract", "exp", "sum", "divide"]
    assert "sum(x, axis=0)" in repr(explain(np.sum, numpy.ones((2, 3)), axis=0))
    assert "v2 = v1[0]" in repr(explain(np.split, numpy.ones(4), sections=2))
    assert "g → g[0:3]" in repr(explain(np.concat, [x, x]))
    linear_layer = repr(explain(nn.Linear(2, 3, rng=0), numpy.ones((4, 2))))
    assert "v4 = x @ v3" in linear_layer
    assert "weight = float64 (3, 2)" in linear_layer
    assert "MLP(x[0], x[1])" in repr(explain(nn.MLP(2, [2, 1]), [1.0, 2.0]))
    assert "with x1 = 1.0, x2 = 2.0" in repr(explain(np.where, True, 1.0, 2.0))


def test_several_outputs_and_parameters_in_containers():
    text = repr(explain(lambda p: {"a": p["w"] * p["b"], "c": (p["w"] + 1.0,)},
                        {"w": 2.0, "b": 3.0}))
    assert "with p['w'] = 2.0, p['b'] = 3.0" in text
    assert "recorded 2 operations" in text


def test_other_storages():
    xp = pytest.importorskip("array_api_strict", reason="pip install array-api-strict")
    rows = rows_of(explain(np.tanh, xp.asarray([0.5, 1.0])))
    assert rows[0]["here"] == "0.42 to 0.786, mean 0.603"


# -- results that were recorded ------------------------------------------------------------------

def test_a_recorded_result():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    loss = (a * b).tanh() + a ** 2
    text = repr(explain(loss))
    assert text.startswith("This result was made by 4 operations, in this order:\n"
                           "  with a = 2.0, b = -3.0\n")
    assert "v4 = a ** 2    4.0    a        2 * a ** 1           4.0" in text
    X = Tensor([[1.0, 2.0]], requires_grad=True, label="X")
    assert "v1 = Xᵀ" in repr(explain((X.mT * 2.0).sum()))


def test_explaining_writes_nothing():
    a = Value(2.0)
    loss = a * a
    loss.backward()
    before = (a.grad, a.label, loss.grad, loss.op)
    explain(loss)
    explain(lambda x: x * a, a)
    assert (a.grad, a.label, loss.grad, loss.op) == before
    x = Tensor([1.0], requires_grad=True)
    explain(np.tanh, x)
    assert x.grad is None
    assert x.node.label == ""


def test_inside_of_no_grad():
    with autograd.no_grad():
        assert "recorded 1 operation" in repr(explain(np.tanh, 0.5))


def test_a_long_graph_says_what_is_left_out():
    x = Value(1.0, label="x")
    for _ in range(1000):
        x = x + 1.0
    text = repr(explain(x))
    assert "made by 1,000 operations" in text
    assert "… and 960 more results" in text
    assert len(text) < 5000


@pytest.mark.parametrize("label", [
    "<script>alert(1)</script>", "a|b", "$x$", "`code`", "two\nlines", "\\frac{", "x" * 10_000,
    "g", "{", "v1", "w_1", "ß", "α", "1", "exp", "lambda", "x[0]", "]]>", "&amp;", "#"])
def test_labels_are_safe_in_every_form(label):
    a, b = Value(2.0, label=label), Value(3.0, label="b")
    explained = explain((a * b).tanh())
    for equation in explained.equations:
        assert depth(equation) == 0
        assert not re.search(r"[$|<&]|\\frac\{$", equation)
    markdown = explained._repr_markdown_()
    assert "<script" not in re.sub(r"`[^`]*`", "", markdown)
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + 3
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert markdown.count("$") % 2 == 0
    assert len(repr(explained)) < 2000


def test_equal_labels_are_told_apart():
    a, b = Value(2.0, label="w"), Value(3.0, label="w")
    rows = rows_of(explain(a * b))
    assert len({row["operand"] for row in rows}) == 2


def test_a_name_that_stands_in_for_a_label_is_free():
    a, b = Value(2.0, label="a + b"), Value(3.0, label="v0")
    assert [row["operand"] for row in rows_of(explain(a * b))] == ["v0_", "v0"]
    c = Tensor([1.0], requires_grad=True, label="c0")
    assert "with c0 = float64 (1,), c0_ = float64 (2,)" in repr(explain(c * numpy.ones(2)))


# -- bad input -----------------------------------------------------------------------------------

def keyword(x, *, scale):
    return x * scale


def boom(x):
    raise KeyError(object())


@pytest.mark.parametrize(("args", "words"), [
    ((3,), "explain() of int"),
    (("abc",), "explain() of str"),
    ((object(),), "explain() of object"),
    ((None,), "explain() of NoneType"),
    ((Value(2.0),), "a Value that nothing was recorded of"),
    ((Tensor([2.0]),), "a Tensor that nothing was recorded of"),
    ((Value(2.0), 1.0), "explain() of Value with arguments"),
    ((lambda x: x, 1.0), "recorded no operation"),
    ((lambda x: 3.0, 1.0), "returned float 3.0"),
    ((lambda x: None,), "returned NoneType None"),
    ((keyword, 1.0), "missing a required argument: 'scale'"),
    ((keyword,), "missing a required argument: 'scale'"),
    ((wavy, 1.0), "missing a required argument: 'y'"),
    ((wavy, 1.0, 2.0, 3.0), "too many positional arguments"),
    ((boom, 1.0), "boom raised KeyError: <object object>"),
    ((boom,), "boom raised KeyError"),
    ((np.split,), "split raised ShapeError"),
    ((math.sin, 1.0), "sin raised GraphError"),
    ((numpy.sin, 1.0), "sin raised GraphError"),
    ((lambda x: x.data * 2.0, 1.0), "which is no graph"),
    ((np.tanh, numpy.ones(2, dtype=int)), "which is no graph")])
def test_bad_input_is_one_clear_sentence(args, words):
    with pytest.raises(ArgumentError) as caught:
        explain(*args)
    what, _, help = str(caught.value).partition("\nhelp: ")
    assert words in what
    assert help
    assert "0x" not in str(caught.value)
    assert "\n" not in what


def test_a_keyword_is_given_by_its_name():
    assert "v2 = x * scale" in repr(explain(keyword, 2.0, scale=3.0))
