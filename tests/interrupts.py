"""Ctrl-C at every moment at which it can come, one after another."""

import sys


def interrupt_at(n, function):
    """Call a function, and raise KeyboardInterrupt at the n-th moment at which Python looks at signals.

    That is at the beginning of a function written in Python and after a call of one written in C.
    """
    left = [n]

    def profile(frame, event, argument):
        if event in ("call", "c_return") and frame.f_code is not interrupt_at.__code__:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt

    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)


def interrupted_at(n, function):
    """The same; returns whether the function was interrupted, or else came to its end."""
    try:
        interrupt_at(n, function)
    except KeyboardInterrupt:
        return True
    return False
