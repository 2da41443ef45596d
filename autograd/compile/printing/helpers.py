"""Functions that a printed program defines for itself, because NumPy has none of the kind."""

from autograd.primitives.special import KERNELS

HELPERS: dict[str, str] = {
    "polygamma_of_entries": '''
def polygamma_of_entries(n, x):
    """The n-th derivative of scipy.special.psi, in the dtype of x."""
    from scipy import special
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(float)
    return special.polygamma(n, x).astype(x.dtype)
''',
    "windows": '''
def windows(x, size, stride, dilation):
    """All windows of a size along the last axes."""
    k = len(size)
    reach = tuple(d * (n - 1) + 1 for n, d in zip(size, dilation))
    view = np.lib.stride_tricks.sliding_window_view(x, reach, tuple(range(x.ndim - k, x.ndim)))
    return view[(..., *(slice(None, None, step) for step in (*stride, *dilation)))]
''',
    "fold": '''
def fold(x, shape, size, stride, dilation):
    """Windows added back to their places."""
    out = np.zeros(shape, x.dtype)
    counts = x.shape[-2 * len(size) : -len(size)]
    for place in np.ndindex(*size):
        at = [p * d for p, d in zip(place, dilation)]
        target = [slice(a, a + s * (n - 1) + 1, s) for a, s, n in zip(at, stride, counts)]
        out[(..., *target)] += x[(..., *place)]
    return out
''',
    "scatter_add": '''
def scatter_add(x, index, shape):
    """Zeros with x added at an index; an entry that occurs twice gets both."""
    out = np.zeros(shape, x.dtype)
    np.add.at(out, index, x)
    return out
''',
    "add_at": '''
def add_at(total, x, _, index):
    """A total with x added at an index; an entry that occurs twice gets both."""
    out = np.array(total)
    np.add.at(out, index, x)
    return out
''',
}


def helper(name: str) -> str:
    """The definition of a function by name; "" if there is none."""
    if name.startswith("ufunc_") and name.endswith("_at"):
        ufunc = name[len("ufunc_") : -len("_at")]
        return f'''
def {name}(target, *args):
    """A copy of the target after `np.{ufunc}.at`."""
    out = np.array(target)
    np.{ufunc}.at(out, *args)
    return out
'''
    if name in KERNELS and name not in HELPERS:
        function = name.removesuffix("_of_entries")
        return f'''
def {name}(x):
    """scipy.special.{function}, in the dtype of x."""
    from scipy import special
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(float)
    return special.{function}(x).astype(x.dtype)
'''
    return HELPERS.get(name, "")
