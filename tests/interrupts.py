"""Ctrl-C at every moment at which it can come, one after another."""

import gc
import sys


def interrupt_at(n, function):
    """Call a function, and raise KeyboardInterrupt at the n-th moment at which Python looks at signals.

    That is at the beginning of a function written in Python and after a call of one written in C.
    Garbage is not collected meanwhile: callbacks of a collection would be such moments too, at which
    Python reports a KeyboardInterrupt instead of raising it.
    """
    left, collects = [n], gc.isenabled()

    def profile(frame, event, argument):
        if event in ("call", "c_return") and frame.f_code is not interrupt_at.__code__:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt

    gc.disable()
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
        if collects:
            gc.enable()


def interrupted_at(n, function):
    """The same; returns whether the function was interrupted, or else came to its end."""
    try:
        interrupt_at(n, function)
    except KeyboardInterrupt:
        return True
    return False
