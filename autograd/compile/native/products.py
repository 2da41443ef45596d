"""Products of matrices: of small ones as vectors in registers, of others by NumPy's BLAS."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.compile.native.blas import PLAIN, ROW_MAJOR, TRANSPOSED
from autograd.compile.native.ir import Function, Operand, literal
from autograd.compile.native.views import View

SMALL = 8192  # multiplications; a call of BLAS costs as much as these take
WIDE = 32  # entries of a row of the result that are added up in registers at once


@dataclass(frozen=True)
class Matrix:
    """How the last two axes of a view lie: by rows, or by columns, `leading` entries apart."""

    by_columns: bool
    leading: int

    @staticmethod
    def of(view: View) -> Matrix:
        """The matrix that a view shows."""
        (m, n), (r, c) = view.shape[-2:], view.strides[-2:]
        if c == 1 or n == 1:
            return Matrix(False, max(r if m > 1 else n, n, 1))
        return Matrix(True, max(c if n > 1 else m, m, 1))


@dataclass(frozen=True)
class Product:
    """`out = beta · out + alpha · (x @ y)` of (m, k) and (k, n), out by rows `leading` apart."""

    kind: str
    m: int
    n: int
    k: int
    x: Matrix
    y: Matrix
    leading: int
    alpha: float = 1.0
    beta: float = 0.0

    @property
    def is_small(self) -> bool:
        """Whether it is faster in registers."""
        return self.m * self.n * self.k <= SMALL


def by_blas(f: Function, p: Product, x: Operand, y: Operand, out: Operand, integer: str) -> None:
    """A call of BLAS."""
    name, dtype = ("sgemm", "f4") if p.kind == "float" else ("dgemm", "f8")
    f.needed[f"blas {name}"] = None
    flags = [TRANSPOSED if matrix.by_columns else PLAIN for matrix in (p.x, p.y)]
    numbers = ", ".join(f"{integer} {n}" for n in (p.m, p.n, p.k))
    alpha, beta = (f"{p.kind} {literal(c, dtype)}" for c in (p.alpha, p.beta))
    f.put(
        f"call void @{name}(i32 {ROW_MAJOR}, i32 {flags[0]}, i32 {flags[1]}, {numbers}, {alpha}, "
        f"ptr {x}, {integer} {p.x.leading}, ptr {y}, {integer} {p.y.leading}, {beta}, "
        f"ptr {out}, {integer} {p.leading})"
    )


def small(p: Product) -> str:
    """A function for a small product: some rows of the result at once, each as a vector."""
    return _Small(p).f.text()


class _Small:
    def __init__(self, p: Product) -> None:
        self.p, self.kind = p, p.kind
        self.align = 4 if p.kind == "float" else 8
        self.f = Function(
            "define internal void @NAME(ptr noalias nocapture readonly %x, "
            "ptr noalias nocapture readonly %y, ptr noalias nocapture %out) noinline nounwind"
        )
        self.y, self.step = "%y", p.y.leading
        if p.y.by_columns:
            self.transpose()
        for first in range(0, p.n, WIDE):
            self.columns(first, min(WIDE, p.n - first))

    def transpose(self) -> None:
        """y by rows, in memory of the function's own."""
        f, p = self.f, self.p
        room = f.room(self.kind, p.k * p.n)

        def row(k: Operand) -> None:
            def entry(j: Operand) -> None:
                value = f.let(
                    f"load {self.kind}, ptr "
                    + f.address("%y", self.kind, 0, [j, k], [p.y.leading, 1])
                )
                at = f.address(room, self.kind, 0, [k, j], [p.n, 1])
                f.put(f"store {self.kind} {value}, ptr {at}")

            f.loop(p.n, entry)

        f.loop(p.k, row)
        self.y, self.step = room, p.n

    def columns(self, first: int, width: int) -> None:
        """All rows of some columns of the result."""
        height = max(1, 64 // max(width, 8)) if width > 1 else 1
        height = max(h for h in range(1, min(4, height, self.p.m) + 1) if self.p.m % h == 0)
        self.f.loop(self.p.m // height, lambda block: self.rows(block, height, first, width))

    def rows(self, block: Operand, height: int, first: int, width: int) -> None:
        """Some rows at once, so that an entry of y is read once for all of them."""
        f, p, vector = self.f, self.p, f"<{width} x {self.kind}>"
        row = block if block == "0" or height == 1 else f.let(f"mul nuw nsw i64 {block}, {height}")
        sums = [f.room(vector) for _ in range(height)]
        for s in sums:
            f.put(f"store {vector} zeroinitializer, ptr {s}")

        def term(k: Operand) -> None:
            at = f.address(self.y, self.kind, first, [k], [self.step])
            y = f.let(f"load {vector}, ptr {at}, align {self.align}")
            for h, s in enumerate(sums):
                index, strides, offset = (
                    ([k, row], [p.x.leading, 1], h)
                    if p.x.by_columns
                    else ([row, k], [p.x.leading, 1], h * p.x.leading)
                )
                x = f.let(
                    f"load {self.kind}, ptr {f.address('%x', self.kind, offset, index, strides)}"
                )
                x = f.let(f"insertelement {vector} poison, {self.kind} {x}, i64 0")
                x = f.let(
                    f"shufflevector {vector} {x}, {vector} poison, <{width} x i32> zeroinitializer"
                )
                part = f.let(f"fmul contract {vector} {x}, {y}")
                total = f.let(f"load {vector}, ptr {s}")
                f.put(f"store {vector} {f.let(f'fadd contract {vector} {total}, {part}')}, ptr {s}")

        f.loop(p.k, term)
        for h, s in enumerate(sums):
            value = f.let(f"load {vector}, ptr {s}")
            at = f.address("%out", self.kind, first + h * p.leading, [row], [p.leading])
            if p.alpha != 1.0:
                value = f.let(f"fmul contract {vector} {value}, {self.splat(p.alpha, width)}")
            if p.beta:
                old = f.let(f"load {vector}, ptr {at}, align {self.align}")
                old = (
                    old
                    if p.beta == 1.0
                    else f.let(f"fmul contract {vector} {old}, {self.splat(p.beta, width)}")
                )
                value = f.let(f"fadd contract {vector} {old}, {value}")
            f.put(f"store {vector} {value}, ptr {at}, align {self.align}")

    def splat(self, x: float, width: int) -> Operand:
        """A vector of one number."""
        dtype = "f4" if self.kind == "float" else "f8"
        return f"splat ({self.kind} {literal(x, dtype)})"
