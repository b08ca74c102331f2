"""Calls of other people's code, each a function of one float64 array, as its documentation says.

    name: (function of the array x and of its namespace xp, the array x)

The list was written before any of them was made to work. What works is in docs/interop.md, which
table.py writes. A call returns an array, a number, or a tuple of them, and takes what it needs
beside x from xp. A library that is not installed costs its own calls only.
"""

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy


class Call(NamedTuple):
    """One call: `function(x, xp)` of the array x."""

    name: str
    function: Callable[[Any, Any], Any]
    x: numpy.ndarray

    @property
    def library(self) -> str:
        """The package that is called, by the name it is installed under."""
        package = self.name.partition(".")[0]
        return {"sklearn": "scikit-learn"}.get(package, package.replace("_", "-"))


class Library:
    """A module that is imported when it is first used."""

    def __init__(self, name):
        self.name = name

    def __getattr__(self, attribute):
        return getattr(importlib.import_module(self.name), attribute)


def some(low, high, *shape):
    """Numbers between low and high, no two within a hundredth of the range of one another."""
    size = int(numpy.prod(shape))
    order = numpy.random.default_rng(size).permutation(size)
    jitter = numpy.random.default_rng(size + 1).uniform(-0.3, 0.3, size)
    return (low + (high - low) * (order + 0.5 + jitter) / size).reshape(shape)


POSITIVE = some(0.4, 2.5, 7)
SIGNED = some(-1.6, 1.9, 7)
UNIT = some(0.1, 0.9, 6)
SAMPLE = some(-1.0, 2.0, 12)
LARGER = some(1.2, 3.0, 5)
SQUARE = some(-1.0, 1.0, 3, 3) + 2 * numpy.eye(3)
POINTS = some(-1.0, 2.0, 6, 3)
COUNTS = some(0.5, 3.0, 6, 3)
TARGETS = some(0.5, 3.0, 6)
CLASSES = numpy.asarray([0, 1, 0, 1, 1, 0])
OTHERS = numpy.asarray([[0.2, -0.4, 0.7], [1.1, 0.3, -0.6], [-0.3, 0.8, 0.1], [0.9, 1.3, 0.5]])

special = Library("scipy.special")

SPECIAL = {
    "logsumexp": (lambda x, xp: special.logsumexp(x), SIGNED),
    "logsumexp (axis)": (lambda x, xp: special.logsumexp(x, axis=0), POINTS),
    "softmax": (lambda x, xp: special.softmax(x), SIGNED),
    "log_softmax": (lambda x, xp: special.log_softmax(x), SIGNED),
    "xlogy": (lambda x, xp: special.xlogy(x, x + 1), POSITIVE),
    "xlog1py": (lambda x, xp: special.xlog1py(x, x), POSITIVE),
    "rel_entr": (lambda x, xp: special.rel_entr(x, x**2 + 1), POSITIVE),
    "kl_div": (lambda x, xp: special.kl_div(x, x**2 + 1), POSITIVE),
    "expit": (lambda x, xp: special.expit(x), SIGNED),
    "logit": (lambda x, xp: special.logit(x), UNIT),
    "entr": (lambda x, xp: special.entr(x), POSITIVE),
    "erf": (lambda x, xp: special.erf(x), SIGNED),
    "erfc": (lambda x, xp: special.erfc(x), SIGNED),
    "gammaln": (lambda x, xp: special.gammaln(x), POSITIVE),
    "psi": (lambda x, xp: special.psi(x), POSITIVE),
    "log_ndtr": (lambda x, xp: special.log_ndtr(x), SIGNED),
    "ndtr": (lambda x, xp: special.ndtr(x), SIGNED),
    "ndtri": (lambda x, xp: special.ndtri(x), UNIT),
    "betainc": (lambda x, xp: special.betainc(xp.asarray(2.0), xp.asarray(3.0), x), UNIT),
    "gammainc": (lambda x, xp: special.gammainc(xp.asarray(2.0), x), POSITIVE),
    "stdtrit": (lambda x, xp: special.stdtrit(xp.asarray(5.0), x), UNIT),
    "i0e": (lambda x, xp: special.i0e(x), POSITIVE),
    "multigammaln": (lambda x, xp: special.multigammaln(x, 2), LARGER),
}

stats = Library("scipy.stats")


def normal_entropy(x, xp):
    """The entropy of a normal distribution of SciPy's new kind."""
    return stats.Normal(mu=x, sigma=xp.exp(x)).entropy()


STATS = {
    "skew": (lambda x, xp: stats.skew(x), SAMPLE),
    "kurtosis": (lambda x, xp: stats.kurtosis(x), SAMPLE),
    "moment": (lambda x, xp: stats.moment(x, order=3), SAMPLE),
    "zscore": (lambda x, xp: stats.zscore(x), SAMPLE),
    "gzscore": (lambda x, xp: stats.gzscore(x), POSITIVE),
    "zmap": (lambda x, xp: stats.zmap(x[:4], x), SAMPLE),
    "gmean": (lambda x, xp: stats.gmean(x), POSITIVE),
    "hmean": (lambda x, xp: stats.hmean(x), POSITIVE),
    "pmean": (lambda x, xp: stats.pmean(x, 3), POSITIVE),
    "variation": (lambda x, xp: stats.variation(x), POSITIVE),
    "gstd": (lambda x, xp: stats.gstd(x), POSITIVE),
    "describe": (lambda x, xp: tuple(stats.describe(x))[2:], SAMPLE),
    "differential_entropy": (lambda x, xp: stats.differential_entropy(x), SAMPLE),
    "tmean": (lambda x, xp: stats.tmean(x, (-0.5, 1.5)), SAMPLE),
    "tvar": (lambda x, xp: stats.tvar(x, (-0.5, 1.5)), SAMPLE),
    "tstd": (lambda x, xp: stats.tstd(x, (-0.5, 1.5)), SAMPLE),
    "trim_mean": (lambda x, xp: stats.trim_mean(x, 0.1), SAMPLE),
    "quantile": (lambda x, xp: stats.quantile(x, xp.asarray([0.2, 0.7])), SAMPLE),
    "iqr": (lambda x, xp: stats.iqr(x), SAMPLE),
    "circmean": (lambda x, xp: stats.circmean(x), SAMPLE),
    "circvar": (lambda x, xp: stats.circvar(x), SAMPLE),
    "circstd": (lambda x, xp: stats.circstd(x), SAMPLE),
    "directional_stats": (lambda x, xp: stats.directional_stats(x).mean_direction, COUNTS),
    "sem": (lambda x, xp: stats.sem(x), SAMPLE),
    "lmoment": (lambda x, xp: stats.lmoment(x), SAMPLE),
    "kstat": (lambda x, xp: stats.kstat(x, 3), SAMPLE),
    "entropy": (lambda x, xp: stats.entropy(x), POSITIVE),
    "entropy (relative)": (lambda x, xp: stats.entropy(x, x**2 + 1), POSITIVE),
    "pearsonr": (lambda x, xp: stats.pearsonr(x[:6], x[6:]).statistic, SAMPLE),
    "ttest_1samp": (lambda x, xp: tuple(stats.ttest_1samp(x, 0.1)), SAMPLE),
    "ttest_ind": (lambda x, xp: tuple(stats.ttest_ind(x[:5], x[5:])), SAMPLE),
    "ttest_rel": (lambda x, xp: tuple(stats.ttest_rel(x[:6], x[6:])), SAMPLE),
    "bartlett": (lambda x, xp: tuple(stats.bartlett(x[:5], x[5:])), SAMPLE),
    "jarque_bera": (lambda x, xp: tuple(stats.jarque_bera(x)), SAMPLE),
    "power_divergence": (lambda x, xp: stats.power_divergence(x).statistic, POSITIVE),
    "rankdata": (lambda x, xp: stats.rankdata(x), SAMPLE),
    "Normal.logpdf": (lambda x, xp: stats.Normal().logpdf(x), SIGNED),
    "Normal.entropy": (normal_entropy, SIGNED),
    "norm.logpdf": (lambda x, xp: stats.norm.logpdf(x), SIGNED),
    "norm.cdf": (lambda x, xp: stats.norm.cdf(x, loc=0.5), SIGNED),
}

signal = Library("scipy.signal")
KERNEL = numpy.asarray([0.5, 1.0, -0.3])

SIGNAL = {
    "fftconvolve": (lambda x, xp: signal.fftconvolve(x, xp.asarray(KERNEL)), SIGNED),
    "oaconvolve": (lambda x, xp: signal.oaconvolve(x, xp.asarray(KERNEL)), SIGNED),
    "convolve": (lambda x, xp: signal.convolve(x, xp.asarray(KERNEL)), SIGNED),
    "correlate": (lambda x, xp: signal.correlate(x, xp.asarray(KERNEL)), SIGNED),
    "hilbert": (lambda x, xp: xp.abs(signal.hilbert(x)), SIGNED),
    "resample": (lambda x, xp: signal.resample(x, 10), SIGNED),
    "freqz": (lambda x, xp: xp.abs(signal.freqz(x, worN=5)[1]), POSITIVE),
    "windows.hann": (lambda x, xp: x * signal.windows.hann(7, xp=xp), SIGNED),
    "zpk2tf": (lambda x, xp: signal.zpk2tf(x, 0.5 * x, 2.0), LARGER),
    "lfilter": (lambda x, xp: signal.lfilter(xp.asarray([1.0]), xp.asarray([1.0, -0.5]), x),
                SIGNED),
    "sosfilt": (lambda x, xp: signal.sosfilt(
        xp.asarray([[1.0, 0.2, 0.0, 1.0, -0.5, 0.0]]), x), SIGNED),
    "detrend": (lambda x, xp: signal.detrend(x), SIGNED),
    "savgol_filter": (lambda x, xp: signal.savgol_filter(x, 5, 2), SIGNED),
    "medfilt": (lambda x, xp: signal.medfilt(x, 3), SIGNED),
    "gausspulse": (lambda x, xp: signal.gausspulse(x, fc=1), SIGNED),
    "periodogram": (lambda x, xp: signal.periodogram(x)[1], SIGNED),
    "welch": (lambda x, xp: signal.welch(x, nperseg=6)[1], SAMPLE),
}

integrate = Library("scipy.integrate")
differentiate = Library("scipy.differentiate")
elementwise = Library("scipy.optimize.elementwise")
optimize = Library("scipy.optimize")


def nsum(x, xp):
    """The sum of 1 / k**x over k from 1 on."""
    one, inf = xp.asarray(1.0), xp.asarray(xp.inf)
    return integrate.nsum(lambda k, c: 1 / k**c, one, inf, args=(x,)).sum


def minimum(x, xp):
    """The value of (t - c)² + t⁴ where it is least."""
    start = xp.zeros_like(x)
    found = elementwise.find_minimum(lambda t, c: (t - c)**2 + t**4,
                                     (start - 1, start + 0.3, start + 3), args=(x,))
    return found.f_x


CALCULUS = {
    "integrate.trapezoid": (lambda x, xp: integrate.trapezoid(x, dx=0.5), SIGNED),
    "integrate.trapezoid (x)": (lambda x, xp: integrate.trapezoid(xp.exp(x), x), SIGNED),
    "integrate.cumulative_trapezoid": (
        lambda x, xp: integrate.cumulative_trapezoid(x, dx=0.5), SIGNED),
    "integrate.cumulative_simpson": (
        lambda x, xp: integrate.cumulative_simpson(x, dx=0.5), SIGNED),
    "integrate.simpson": (lambda x, xp: integrate.simpson(x, dx=0.5), SIGNED),
    "integrate.romb": (lambda x, xp: integrate.romb(x, dx=0.5), some(-1.0, 2.0, 5)),
    "integrate.tanhsinh (parameters)": (lambda x, xp: integrate.tanhsinh(
        lambda t, c: xp.exp(-c * t), xp.asarray(0.0), xp.asarray(1.0), args=(x,)).integral,
        POSITIVE),
    "integrate.tanhsinh (limits)": (lambda x, xp: integrate.tanhsinh(
        lambda t: xp.exp(-t) * t, xp.zeros_like(x), x).integral, POSITIVE),
    "integrate.tanhsinh (infinite limits)": (lambda x, xp: integrate.tanhsinh(
        lambda t, c: xp.exp(-c * t**2), xp.asarray(-xp.inf), xp.asarray(xp.inf),
        args=(x,)).integral, POSITIVE),
    "integrate.cubature": (lambda x, xp: integrate.cubature(
        lambda t, c: xp.exp(-t * xp.reshape(c, (1, -1))), xp.asarray([0.0]), xp.asarray([1.0]),
        args=(x,)).estimate, POSITIVE),
    "integrate.fixed_quad": (lambda x, xp: integrate.fixed_quad(
        lambda t: x[0] * t**2 + x[1], 0.0, 1.0)[0], POSITIVE),
    "integrate.nsum": (nsum, LARGER + 1),
    "differentiate.derivative": (lambda x, xp: differentiate.derivative(xp.exp, x).df, SIGNED),
    "differentiate.derivative (parameters)": (lambda x, xp: differentiate.derivative(
        lambda t, c: xp.sin(c * t), xp.asarray(0.7), args=(x,)).df, POSITIVE),
    "differentiate.jacobian": (lambda x, xp: differentiate.jacobian(
        lambda t: xp.stack([t[0, ...] * t[1, ...], xp.sin(t[0, ...])]), x).df, some(0.3, 1.5, 2)),
    "differentiate.hessian": (lambda x, xp: differentiate.hessian(
        lambda t: t[0, ...]**2 * t[1, ...]**3, x).ddf, some(0.5, 1.5, 2)),
    "optimize.elementwise.find_root": (lambda x, xp: elementwise.find_root(
        lambda t, c: t**3 + t - c, (xp.zeros_like(x), xp.zeros_like(x) + 3), args=(x,)).x,
        POSITIVE),
    "optimize.elementwise.find_minimum": (minimum, POSITIVE),
    "optimize.elementwise.bracket_root": (lambda x, xp: elementwise.bracket_root(
        lambda t: t**3 - 10, x).bracket, UNIT),
    "optimize.elementwise.bracket_minimum": (lambda x, xp: elementwise.bracket_minimum(
        lambda t: (t - 10)**2, x).bracket, UNIT),
    "optimize.rosen": (lambda x, xp: optimize.rosen(x), SIGNED),
    "optimize.rosen_der": (lambda x, xp: optimize.rosen_der(x), SIGNED),
    "optimize.rosen_hess": (lambda x, xp: optimize.rosen_hess(x), SIGNED),
}

cluster = Library("scipy.cluster")
fft = Library("scipy.fft")
spatial = Library("scipy.spatial")
linalg = Library("scipy.linalg")
ndimage = Library("scipy.ndimage")
interpolate = Library("scipy.interpolate")
Rotation = Library("scipy.spatial.transform")
KNOTS = numpy.linspace(0.0, 3.0, 7)

ARRAYS = {
    "cluster.vq.whiten": (lambda x, xp: cluster.vq.whiten(x), POINTS),
    "cluster.vq.vq": (lambda x, xp: cluster.vq.vq(x, xp.asarray(OTHERS))[1], POINTS),
    "cluster.hierarchy.linkage": (
        lambda x, xp: cluster.hierarchy.linkage(x)[:, 2], some(-1.0, 2.0, 5, 2)),
    "fft.fft": (lambda x, xp: xp.abs(fft.fft(x)), SIGNED),
    "fft.ifft": (lambda x, xp: xp.abs(fft.ifft(x)), SIGNED),
    "fft.rfft": (lambda x, xp: xp.abs(fft.rfft(x)), SIGNED),
    "fft.irfft": (lambda x, xp: fft.irfft(fft.rfft(x)**2, n=7), SIGNED),
    "fft.fft2": (lambda x, xp: xp.abs(fft.fft2(x)), POINTS),
    "fft.hfftn": (lambda x, xp: fft.hfftn(xp.astype(x, xp.complex128), s=(6, 4)), POINTS),
    "fft.fht": (lambda x, xp: fft.fht(x, dln=0.1, mu=0.5), SIGNED),
    "fft.dct": (lambda x, xp: fft.dct(x), SIGNED),
    "spatial.transform.Rotation.from_rotvec": (
        lambda x, xp: Rotation.Rotation.from_rotvec(x).as_matrix(), POINTS),
    "spatial.transform.Rotation.from_quat": (
        lambda x, xp: Rotation.Rotation.from_quat(x).apply(xp.asarray(OTHERS)),
        some(0.2, 1.0, 4)),
    "spatial.transform.Rotation.from_euler": (
        lambda x, xp: Rotation.Rotation.from_euler("xyz", x).as_quat(), POINTS),
    "spatial.distance.pdist": (lambda x, xp: spatial.distance.pdist(x), POINTS),
    "spatial.distance.cdist": (
        lambda x, xp: spatial.distance.cdist(x, xp.asarray(OTHERS)), POINTS),
    "spatial.distance.cosine": (lambda x, xp: spatial.distance.cosine(x[0], x[1]), POINTS),
    "linalg.solve": (lambda x, xp: linalg.solve(x, xp.asarray([1.0, 2.0, 3.0])), SQUARE),
    "linalg.inv": (lambda x, xp: linalg.inv(x), SQUARE),
    "linalg.det": (lambda x, xp: linalg.det(x), SQUARE),
    "linalg.expm": (lambda x, xp: linalg.expm(x), SQUARE),
    "linalg.svdvals": (lambda x, xp: linalg.svdvals(x), SQUARE),
    "linalg.cholesky": (lambda x, xp: linalg.cholesky(x @ x.T), SQUARE),
    "ndimage.gaussian_filter": (lambda x, xp: ndimage.gaussian_filter(x, 1.0), POINTS),
    "ndimage.sobel": (lambda x, xp: ndimage.sobel(x), POINTS),
    "interpolate.make_interp_spline": (lambda x, xp: interpolate.make_interp_spline(
        xp.asarray(KNOTS), x)(xp.asarray([0.3, 1.7])), SIGNED),
    "interpolate.BSpline": (lambda x, xp: interpolate.BSpline(
        xp.asarray(KNOTS), x[:4], 2)(xp.asarray([1.2, 1.7])), SIGNED),
    "interpolate.CubicSpline": (lambda x, xp: interpolate.CubicSpline(
        xp.asarray(KNOTS), x)(xp.asarray([0.3, 1.7])), SIGNED),
}

preprocessing = Library("sklearn.preprocessing")
linear_model = Library("sklearn.linear_model")
naive_bayes = Library("sklearn.naive_bayes")
decomposition = Library("sklearn.decomposition")
discriminant = Library("sklearn.discriminant_analysis")
approximation = Library("sklearn.kernel_approximation")
covariance = Library("sklearn.covariance")
mixture = Library("sklearn.mixture")
extmath = Library("sklearn.utils.extmath")
pairwise = Library("sklearn.metrics.pairwise")
metrics = Library("sklearn.metrics")
selection = Library("sklearn.model_selection")
pipeline = Library("sklearn.pipeline")


def kernel_centerer(x, xp):
    """A centred Gram matrix."""
    return preprocessing.KernelCenterer().fit_transform(x @ x.T)


def ridge_of_targets(x, xp):
    """What Ridge predicts, as a function of the targets."""
    points = xp.asarray(POINTS)
    return linear_model.Ridge(solver="svd").fit(points, x).predict(points)


def ridge_cv_of_targets(x, xp):
    """What RidgeCV predicts, as a function of the targets."""
    points = xp.asarray(POINTS)
    return linear_model.RidgeCV(alphas=(0.1, 1.0)).fit(points, x).predict(points)


def ridge_of_points(x, xp):
    """The coefficients of Ridge, as a function of the points."""
    return linear_model.Ridge(solver="svd").fit(x, xp.asarray(TARGETS)).coef_


def least_squares(x, xp):
    """The coefficients of LinearRegression, as a function of the targets."""
    return linear_model.LinearRegression().fit(xp.asarray(POINTS), x).coef_


def logistic(x, xp):
    """The probabilities of a LogisticRegression, as a function of the points."""
    model = linear_model.LogisticRegression(tol=1e-10, max_iter=1000)
    return model.fit(x, xp.asarray(CLASSES)).predict_proba(x)


def poisson(x, xp):
    """What a PoissonRegressor predicts, as a function of the targets."""
    points = xp.asarray(POINTS)
    return linear_model.PoissonRegressor(tol=1e-10, max_iter=1000).fit(points, x).predict(points)


def naive(x, xp):
    """A Gaussian naive Bayes, fitted."""
    return naive_bayes.GaussianNB().fit(x, xp.asarray(CLASSES))


def discriminants(x, xp):
    """What linear discriminant analysis decides."""
    model = discriminant.LinearDiscriminantAnalysis()
    return model.fit(x, xp.asarray(CLASSES)).decision_function(x)


def mixed(x, xp):
    """The log-likelihoods under a mixture of two Gaussians."""
    start = {"means_init": xp.asarray(OTHERS[:2]), "weights_init": xp.asarray([0.5, 0.5]),
             "precisions_init": xp.asarray([1.0, 1.0])}
    model = mixture.GaussianMixture(2, covariance_type="spherical", init_params="random",
                                    random_state=0, tol=1e-9, max_iter=3, reg_covar=1e-2, **start)
    return model.fit(x).score_samples(x)


def piped(x, xp):
    """Two transformers, one after the other."""
    return pipeline.make_pipeline(preprocessing.MinMaxScaler(),
                                  preprocessing.PolynomialFeatures(2)).fit_transform(x)


def targets(name, **options):
    """A metric of targets and predictions x."""
    return lambda x, xp: getattr(metrics, name)(xp.asarray(TARGETS), x, **options)


def kernel(name, **options):
    """A kernel or distance between the points x and others."""
    return lambda x, xp: getattr(pairwise, name)(x, xp.asarray(abs(OTHERS) + 0.05), **options)


def paired(name):
    """A distance between each point and the same point of others."""
    return lambda x, xp: getattr(pairwise, name)(x[:4, :], xp.asarray(OTHERS))


def transformed(name, *args, **options):
    """What a transformer of sklearn.preprocessing makes of the points x."""
    return lambda x, xp: getattr(preprocessing, name)(*args, **options).fit_transform(x)


PROBABILITIES = some(0.1, 0.9, 6)
SKLEARN = {
    "preprocessing.StandardScaler": (transformed("StandardScaler"), POINTS),
    "preprocessing.MinMaxScaler": (transformed("MinMaxScaler"), POINTS),
    "preprocessing.MaxAbsScaler": (transformed("MaxAbsScaler"), POINTS),
    "preprocessing.RobustScaler": (transformed("RobustScaler"), POINTS),
    "preprocessing.Normalizer": (transformed("Normalizer"), POINTS),
    "preprocessing.PolynomialFeatures": (transformed("PolynomialFeatures", 3), POINTS),
    "preprocessing.Binarizer": (transformed("Binarizer", threshold=0.45), POINTS),
    "preprocessing.KernelCenterer": (kernel_centerer, POINTS),
    "preprocessing.normalize": (lambda x, xp: preprocessing.normalize(x, norm="l1"), POINTS),
    "preprocessing.scale": (lambda x, xp: preprocessing.scale(x), POINTS),
    "preprocessing.minmax_scale": (lambda x, xp: preprocessing.minmax_scale(x), POINTS),
    "preprocessing.maxabs_scale": (lambda x, xp: preprocessing.maxabs_scale(x), POINTS),
    "pipeline.make_pipeline": (piped, POINTS),
    "linear_model.Ridge (targets)": (ridge_of_targets, TARGETS),
    "linear_model.Ridge (points)": (ridge_of_points, POINTS),
    "linear_model.RidgeCV (targets)": (ridge_cv_of_targets, TARGETS),
    "linear_model.LinearRegression (targets)": (least_squares, TARGETS),
    "linear_model.LogisticRegression (points)": (logistic, POINTS),
    "linear_model.PoissonRegressor (targets)": (poisson, TARGETS),
    "naive_bayes.GaussianNB.predict_log_proba": (
        lambda x, xp: naive(x, xp).predict_log_proba(x), POINTS),
    "naive_bayes.GaussianNB.predict_proba": (
        lambda x, xp: naive(x, xp).predict_proba(x), POINTS),
    "decomposition.PCA (full)": (lambda x, xp: decomposition.PCA(
        2, svd_solver="full").fit_transform(x), POINTS),
    "decomposition.PCA (covariance_eigh)": (lambda x, xp: decomposition.PCA(
        2, svd_solver="covariance_eigh").fit_transform(x), POINTS),
    "decomposition.PCA.explained_variance_": (lambda x, xp: decomposition.PCA(
        svd_solver="full").fit(x).explained_variance_, POINTS),
    "discriminant_analysis.LinearDiscriminantAnalysis": (discriminants, POINTS),
    "kernel_approximation.Nystroem": (lambda x, xp: approximation.Nystroem(
        n_components=3, random_state=0).fit_transform(x), POINTS),
    "covariance.LedoitWolf": (lambda x, xp: covariance.LedoitWolf().fit(x).covariance_, POINTS),
    "mixture.GaussianMixture": (mixed, POINTS),
    "utils.extmath.randomized_svd": (lambda x, xp: extmath.randomized_svd(
        x, n_components=2, random_state=0)[1], POINTS),
    "utils.extmath.softmax": (lambda x, xp: extmath.softmax(x), POINTS),
    "utils.extmath.row_norms": (lambda x, xp: extmath.row_norms(x), POINTS),
    "metrics.pairwise.cosine_similarity": (kernel("cosine_similarity"), POINTS),
    "metrics.pairwise.cosine_distances": (kernel("cosine_distances"), POINTS),
    "metrics.pairwise.euclidean_distances": (kernel("euclidean_distances"), POINTS),
    "metrics.pairwise.manhattan_distances": (kernel("manhattan_distances"), POINTS),
    "metrics.pairwise.rbf_kernel": (kernel("rbf_kernel", gamma=0.7), POINTS),
    "metrics.pairwise.laplacian_kernel": (kernel("laplacian_kernel", gamma=0.7), POINTS),
    "metrics.pairwise.polynomial_kernel": (kernel("polynomial_kernel"), POINTS),
    "metrics.pairwise.sigmoid_kernel": (kernel("sigmoid_kernel"), POINTS),
    "metrics.pairwise.linear_kernel": (kernel("linear_kernel"), POINTS),
    "metrics.pairwise.chi2_kernel": (kernel("chi2_kernel"), COUNTS),
    "metrics.pairwise.additive_chi2_kernel": (kernel("additive_chi2_kernel"), COUNTS),
    "metrics.pairwise.paired_euclidean_distances": (paired("paired_euclidean_distances"), POINTS),
    "metrics.pairwise.paired_manhattan_distances": (paired("paired_manhattan_distances"), POINTS),
    "metrics.pairwise.paired_cosine_distances": (paired("paired_cosine_distances"), POINTS),
    "metrics.pairwise_distances": (
        lambda x, xp: metrics.pairwise_distances(x, xp.asarray(OTHERS)), POINTS),
    "metrics.mean_squared_error": (targets("mean_squared_error"), UNIT),
    "metrics.mean_squared_error (raw values)": (lambda x, xp: metrics.mean_squared_error(
        xp.asarray(OTHERS), x[:4, :], multioutput="raw_values"), POINTS),
    "metrics.root_mean_squared_error": (targets("root_mean_squared_error"), UNIT),
    "metrics.mean_squared_log_error": (targets("mean_squared_log_error"), UNIT),
    "metrics.mean_absolute_error": (targets("mean_absolute_error"), UNIT),
    "metrics.mean_absolute_percentage_error": (targets("mean_absolute_percentage_error"), UNIT),
    "metrics.median_absolute_error": (targets("median_absolute_error"), UNIT),
    "metrics.max_error": (targets("max_error"), UNIT),
    "metrics.mean_pinball_loss": (targets("mean_pinball_loss", alpha=0.3), UNIT),
    "metrics.mean_poisson_deviance": (targets("mean_poisson_deviance"), UNIT),
    "metrics.mean_gamma_deviance": (targets("mean_gamma_deviance"), UNIT),
    "metrics.d2_tweedie_score": (targets("d2_tweedie_score"), UNIT),
    "metrics.r2_score": (targets("r2_score"), UNIT),
    "metrics.explained_variance_score": (targets("explained_variance_score"), UNIT),
    "metrics.log_loss": (lambda x, xp: metrics.log_loss(xp.asarray(CLASSES), x), PROBABILITIES),
    "metrics.brier_score_loss": (
        lambda x, xp: metrics.brier_score_loss(xp.asarray(CLASSES), x), PROBABILITIES),
    "model_selection.train_test_split": (lambda x, xp: tuple(
        selection.train_test_split(x, test_size=2, random_state=0)), POINTS),
}

xpx = Library("array_api_extra")

EXTRA = {
    "at.set": (lambda x, xp: xpx.at(x**2, 1).set(0.5), SIGNED),
    "at.add": (lambda x, xp: xpx.at(x**2)[2:5].add(x[:3]), SIGNED),
    "at.multiply": (lambda x, xp: xpx.at(x**2, x > 0).multiply(3.0), SIGNED),
    "apply_where": (lambda x, xp: xpx.apply_where(x > 0, x, xp.sqrt, xp.exp), SIGNED),
    "atleast_nd": (lambda x, xp: xpx.atleast_nd(x, ndim=3), SIGNED),
    "angle": (lambda x, xp: xpx.angle(xp.exp(1j * x)), SIGNED),
    "cov": (lambda x, xp: xpx.cov(x), POINTS),
    "create_diagonal": (lambda x, xp: xpx.create_diagonal(x), SIGNED),
    "deg2rad": (lambda x, xp: xpx.deg2rad(x), SIGNED),
    "expand_dims": (lambda x, xp: xpx.expand_dims(x, axis=(0, 2)), SIGNED),
    "kron": (lambda x, xp: xpx.kron(x, x), SQUARE),
    "lazy_apply (as_numpy)": (lambda x, xp: xpx.lazy_apply(numpy.sin, x, as_numpy=True), SIGNED),
    "nan_to_num": (lambda x, xp: xpx.nan_to_num(xp.where(x < 0, xp.nan, x), fill_value=0.5),
                   SIGNED),
    "nansum": (lambda x, xp: xpx.nansum(xp.where(x < 0, xp.nan, x)), SIGNED),
    "one_hot": (lambda x, xp: xpx.one_hot(xp.asarray([0, 2, 1]), 3) * x, SQUARE),
    "pad": (lambda x, xp: xpx.pad(x, 2), SIGNED),
    "partition": (lambda x, xp: xpx.partition(x, 3)[3], SIGNED),
    "setdiff1d": (lambda x, xp: xpx.setdiff1d(x, xp.asarray([5.0])), SIGNED),
    "sinc": (lambda x, xp: xpx.sinc(x), SIGNED),
    "union1d": (lambda x, xp: xpx.union1d(x, x), SIGNED),
}

einops = Library("einops")              # knows Tensors after `import autograd.einops`
einops_xp = Library("einops.array_api")
opt_einsum = Library("opt_einsum")

OTHER = {
    "einops.array_api.rearrange": (
        lambda x, xp: einops_xp.rearrange(x, "(a b) c -> b c a", a=2), POINTS),
    "einops.array_api.reduce": (lambda x, xp: einops_xp.reduce(x, "a b -> b", "mean"), POINTS),
    "einops.array_api.repeat": (lambda x, xp: einops_xp.repeat(x, "a b -> a b c", c=2), POINTS),
    "einops.array_api.pack": (lambda x, xp: einops_xp.pack([x, x**2], "* b")[0], POINTS),
    "einops.array_api.unpack": (
        lambda x, xp: tuple(einops_xp.unpack(x, [(2,), (4,)], "* b")), POINTS),
    "einops.rearrange": (lambda x, xp: einops.rearrange(x, "(a b) c -> b c a", a=2), POINTS),
    "einops.reduce": (lambda x, xp: einops.reduce(x, "a b -> b", "mean"), POINTS),
    "einops.repeat": (lambda x, xp: einops.repeat(x, "a b -> a b c", c=2), POINTS),
    "einops.einsum": (lambda x, xp: einops.einsum(x, x, "a b, c b -> a c"), POINTS),
    "opt_einsum.contract": (lambda x, xp: opt_einsum.contract("ab,cb->ac", x, x), POINTS),
    "opt_einsum.contract (three)": (
        lambda x, xp: opt_einsum.contract("ab,bc,cd->ad", x, x.T, x), POINTS),
}

PREFIXES = {"scipy.special.": SPECIAL, "scipy.stats.": STATS, "scipy.signal.": SIGNAL,
            "scipy.": {**CALCULUS, **ARRAYS}, "sklearn.": SKLEARN, "array_api_extra.": EXTRA,
            "": OTHER}
CALLS = [Call(prefix + name, function, x) for prefix, group in PREFIXES.items()
         for name, (function, x) in group.items()]
