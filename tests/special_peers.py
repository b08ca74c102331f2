"""What PyTorch and JAX call the special functions, in SciPy's signature; None: no counterpart."""

import jax.scipy.special as js
import torch
import torch.special as ts
from special_domains import COMPOSED, SPECIAL

NAMES = SPECIAL | set(COMPOSED)
TORCH = dict.fromkeys(NAMES) | {name: getattr(ts, name) for name in (
    "erfc", "erfinv", "ndtr", "log_ndtr", "ndtri", "logit", "entr", "xlogy", "xlog1py", "gammaln",
    "digamma", "polygamma", "i0", "i0e", "i1", "i1e")} | {
    "special.exp2": ts.exp2, "special.sinc": ts.sinc,
    "special.multigammaln": lambda a, d: ts.multigammaln(a, d),
    "special.log_expit": torch.nn.functional.logsigmoid,
    "special.exp10": lambda x: torch.pow(10.0, x),
    "special.softmax": lambda x, axis: torch.softmax(x, axis),
    "special.log_softmax": lambda x, axis: torch.log_softmax(x, axis)}
JAX = dict.fromkeys(NAMES) | {name: getattr(js, name) for name in (       # it compiles for long
    "rel_entr", "kl_div", "gamma", "beta", "betaln", "gammainc", "gammaincc", "exp1", "expi",
    "erfcx", "boxcox", "boxcox1p", "poch", "zeta", "expn")} | {
    "special.logsumexp": lambda x, b, axis, keepdims: js.logsumexp(x, axis, b, keepdims)}


def without(table):
    """The functions that a library does not have."""
    return {name for name, function in table.items() if function is None}
