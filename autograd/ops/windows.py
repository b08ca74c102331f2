"""Windows slide along axes and see some elements several times; to add them up is the transpose.

A window has `window[i]` places along `axis[i]`, `dilation[i]` elements apart; from one window to
the next are `stride[i]` elements. Metadata are tuples of one length, axes counted from the front.
"""

from ..kinds import linear
from ..storage import windows as of_arrays

windows = linear(
    "windows", lambda g, x, *, window, axis, stride, dilation: overlap_add(
        g, shape=x.shape, window=window, axis=axis, stride=stride, dilation=dilation),
    forward=of_arrays.windows)
windows.view = True
overlap_add = linear(
    "overlap_add", lambda g, *, shape, window, axis, stride, dilation: windows(
        g, window=window, axis=axis, stride=stride, dilation=dilation),
    forward=of_arrays.overlap_add)
