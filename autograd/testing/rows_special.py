"""The special functions that programs draw where they are asked for: ops=["special"].

They are SciPy's, by its names; PyTorch and JAX have some of them.
"""

from functools import partial

from . import operands as of
from .table import Domain, register

ANY, POSITIVE, UNIT, ABOVE_ONE = (-3.0, 3.0), (0.3, 3.0), (0.1, 0.9), (1.3, 4.0)
TORCH = {"erfc": "erfc", "erfcx": "erfcx", "ndtr": "ndtr", "log_ndtr": "log_ndtr",
         "gammaln": "gammaln", "digamma": "digamma", "entr": "entr", "i0e": "i0e", "i1e": "i1e",
         "ndtri": "ndtri", "logit": "logit", "erfinv": "erfinv", "xlogy": "xlogy",
         "xlog1py": "xlog1py"}
JAX = ("erfc", "ndtr", "log_ndtr", "gammaln", "digamma", "entr", "i0e", "i1e", "ndtri", "logit",
       "erfinv", "xlogy", "xlog1py", "betaln", "i0", "i1")

DOMAINS: dict[str, tuple[Domain, ...]] = {}     # of each operand, where all are differentiated
group = partial(register, group="special", complex=None)


def function(name: str, *domain: Domain) -> None:
    """A function of as many operands as it has domains."""
    DOMAINS[name] = domain
    args = ", ".join(("{x}", "{y}", "{w}")[:len(domain)])
    group(name, f"np.special.{name}({args})", domain=domain, numpy=f"scipy.special.{name}({args})",
          torch=f"torch.special.{TORCH[name]}({args})" if name in TORCH else None,
          jax=f"jax.scipy.special.{name}({args})" if name in JAX else None)


for _name in ("erfc", "erfcx", "ndtr", "log_ndtr", "exprel", "i0", "i1", "j0", "j1"):
    function(_name, ANY)
for _name in ("gammaln", "loggamma", "gamma", "digamma", "rgamma", "cbrt", "spence", "entr",
              "i0e", "i1e", "k0", "k1", "k0e", "k1e", "y0", "y1", "exp1", "expi", "ellipkm1"):
    function(_name, POSITIVE)
for _name in ("ndtri", "logit", "erfcinv", "erfinv", "ellipk", "ellipe"):
    function(_name, UNIT)
for _name in ("sindg", "cosdg", "tandg", "cotdg"):
    function(_name, (10.0, 80.0))
function("zetac", ABOVE_ONE)
for _name in ("xlogy", "rel_entr", "kl_div", "beta", "betaln", "poch", "gammainc", "gammaincc"):
    function(_name, POSITIVE, POSITIVE)
for _name in ("boxcox", "boxcox1p"):
    function(_name, POSITIVE, ANY)
function("xlog1py", ANY, POSITIVE)
function("binom", (3.0, 5.0), POSITIVE)
function("zeta", ABOVE_ONE, POSITIVE)
for _name in ("gammaincinv", "gammainccinv", "stdtrit"):
    function(_name, ABOVE_ONE, UNIT)
function("stdtr", ABOVE_ONE, ANY)
for _name in ("betainc", "betaincc", "betaincinv", "betainccinv"):
    function(_name, ABOVE_ONE, ABOVE_ONE, UNIT)
for _name, _low in ("polygamma", 0), ("yn", 0), ("expn", 1), ("jv", 0), ("iv", 0), ("ive", 0):
    group(_name, f"np.special.{_name}({{n}}, {{x}})", domain=POSITIVE,
          draw=of.one(n=of.either(_low, _low + 1, 2)),
          numpy=f"scipy.special.{_name}({{n}}, {{x}})", torch=None, jax=None)
group("hyp1f1", "np.special.hyp1f1(1.5, {b}, {x})", domain=ANY, draw=of.one(b=of.either(0.5, 2.0)),
      numpy="scipy.special.hyp1f1(1.5, {b}, {x})", torch=None, jax=None)
group("hypergeometric", "autograd.primitive.table['hypergeometric']({x}, a=1.5, b=0.5, c=2.0)",
      domain=UNIT, numpy="scipy.special.hyp2f1(1.5, 0.5, 2.0, {x})", torch=None, jax=None)
