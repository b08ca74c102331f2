"""scipy.special's functions, differentiable: those that SciPy hands to an array library, and a few.

Called as in SciPy. With SCIPY_ARRAY_API=1 SciPy finds them itself: `scipy.special.ndtr(tensor)` is
`special.ndtr(tensor)`. What has no derivative, the order of a Bessel function, raises by name.
Over NumPy most need SciPy: `pip install 'wengert[special]'`.
"""
# ruff: noqa: I001

from ..composite.special import (
    bdtr as bdtr, bdtrc as bdtrc, bdtri as bdtri, chdtr as chdtr, chdtrc as chdtrc,
    chdtri as chdtri, cosm1 as cosm1, exp2 as exp2, exp10 as exp10, fdtr as fdtr, fdtrc as fdtrc,
    fdtri as fdtri, gdtr as gdtr, gdtrc as gdtrc, huber as huber, inv_boxcox as inv_boxcox,
    inv_boxcox1p as inv_boxcox1p, log_expit as log_expit, log_softmax as log_softmax,
    logsumexp as logsumexp, multigammaln as multigammaln, nbdtr as nbdtr, nbdtrc as nbdtrc,
    nbdtri as nbdtri, pdtr as pdtr, pdtrc as pdtrc, pdtri as pdtri, pseudo_huber as pseudo_huber,
    radian as radian, softmax as softmax, zeta as zeta)
from ..ops.elementwise import (
    erf as erf, expm1 as expm1, log1p as log1p, sigmoid as _sigmoid, softplus as softplus)
from ..ops.special import (
    boxcox as boxcox, boxcox1p as boxcox1p, cbrt as cbrt, cosdg as cosdg, cotdg as cotdg,
    entr as entr, erfc as erfc, erfcinv as erfcinv, erfcx as erfcx, erfinv as erfinv,
    exprel as exprel, kl_div as kl_div, log_ndtr as log_ndtr, logit as logit, ndtr as ndtr,
    ndtri as ndtri, rel_entr as rel_entr, sindg as sindg, spence as spence, tandg as tandg,
    xlog1py as xlog1py, xlogy as xlogy)
from ..ops.special_bessel import (
    ellipe as ellipe, ellipk as ellipk, ellipkm1 as ellipkm1, exp1 as exp1, expi as expi,
    expn as expn, hyp1f1 as hyp1f1, i0 as i0, i0e as i0e, i1 as i1, i1e as i1e, iv as iv,
    ive as ive, j0 as j0, j1 as j1, jv as jv, k0 as k0, k0e as k0e, k1 as k1, k1e as k1e,
    lpmv as lpmv, y0 as y0, y1 as y1, yn as yn)
from ..ops.special_beta import (
    beta as beta, betainc as betainc, betaincc as betaincc, betainccinv as betainccinv,
    betaincinv as betaincinv, betaln as betaln, stdtr as stdtr, stdtrit as stdtrit)
from ..ops.special_gamma import (
    binom as binom, digamma as digamma, gamma as gamma, gammainc as gammainc,
    gammaincc as gammaincc, gammainccinv as gammainccinv, gammaincinv as gammaincinv,
    gammaln as gammaln, gammasgn as gammasgn, loggamma as loggamma, poch as poch,
    polygamma as polygamma, rgamma as rgamma, zetac as zetac)
from .classic import sinc as sinc

expit, psi, jn = _sigmoid, digamma, jv
