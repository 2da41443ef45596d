"""LLVM: from the text of a module to functions in memory, for the processor of this computer.

llvmlite, which carries LLVM, is optional: `missing` says in one sentence what to install.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache as once
from types import MappingProxyType
from typing import Any, TypeVar

from autograd.compile.native import cache
from autograd.errors import message

NEEDED = (
    "JITLibraryBuilder",
    "Target",
    "create_context",
    "create_lljit_compiler",
    "create_pass_builder",
    "create_pipeline_tuning_options",
    "get_host_cpu_features",
    "get_host_cpu_name",
    "initialize_native_asmprinter",
    "initialize_native_target",
    "llvm_version_info",
    "parse_assembly",
)
INSTALL = 'pip install "glassgrad[native]"'
Made = TypeVar("Made")

# Reentrant, because a Library may be dropped, and unloaded, wherever the collector runs.
_lock = threading.RLock()
# A child that was forked while another thread compiled would wait for that thread forever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release
    )


def _binding() -> Any:
    import llvmlite.binding as llvm

    return llvm


@once
def missing() -> str:
    """One sentence that says why native code cannot be had and what to install; "" if it can.

    Example:
        >>> from autograd.compile.native import llvm
        >>> llvm.missing() == "" or "glassgrad[native]" in llvm.missing()
        True
    """
    try:
        llvm = _binding()
    except (ImportError, OSError) as error:
        absent = isinstance(error, ModuleNotFoundError)
        got = "no llvmlite" if absent else f"an llvmlite that does not load ({error})"
        return message("native", got, hint=f"run {INSTALL}")
    import llvmlite

    version = f"llvmlite {getattr(llvmlite, '__version__', 'of an unknown version')}"
    if lacking := [name for name in NEEDED if not hasattr(llvm, name)]:
        got = f"{version}, which lacks {', '.join(lacking)}"
        return message("native", got, hint=f"run {INSTALL}")
    try:
        trial = "define void @trial(ptr %x) { ret void }"
        host().link(host().compile(trial), ["trial"])
    except Exception as error:  # an API that does not fit fails as it likes
        got = f"{version}, which does not compile here ({type(error).__name__}: {error})"
        return message("native", got, hint=f"run {INSTALL}")
    return ""


@dataclass(frozen=True)
class Effort:
    """How much time LLVM takes for better code.

    Args:
        level: of the code generator and of the optimizer, 0 to 3.
        optimizes: whether the optimizer runs at all.
    """

    level: int
    optimizes: bool = True


# Level 3 takes as long and makes the same code of loops over arrays.
USUAL = Effort(2)


class Library:
    """Functions in memory; they are unloaded when the Library is dropped.

    Whoever calls one must keep the Library until the call has returned.

    Attributes:
        address: the address of each exported function, by name.
    """

    def __init__(self, address: Mapping[str, int], *owned: Any) -> None:
        """`owned` is closed, from left to right, when the Library is dropped."""
        self.address = MappingProxyType(dict(address))
        # Not at exit: another thread may be inside the code then.
        weakref.finalize(self, _close, owned).atexit = False


def _close(owned: Sequence[Any]) -> None:
    with _lock:
        for thing in owned:
            thing.close()


class Machine:
    """A processor to compile for.

    Args:
        cpu: LLVM's name of the processor.
        features: its features, in LLVM's notation: "+avx2,-avx512f".

    Attributes:
        identity: all that machine code depends on, the text of its module and the effort apart.
    """

    def __init__(self, cpu: str, features: str) -> None:
        llvm = _binding()
        import llvmlite

        with _lock:
            llvm.initialize_native_target()
            llvm.initialize_native_asmprinter()
        self.cpu, self.features = cpu, features
        self._triple = llvm.get_process_triple()
        self.identity = (
            self._triple, cpu, features, f"llvmlite {llvmlite.__version__}",
            f"LLVM {llvm.llvm_version_info}",
        )  # fmt: skip

    def _target(self, level: int = USUAL.level) -> Any:
        return (
            _binding()
            .Target.from_triple(self._triple)
            .create_target_machine(
                cpu=self.cpu, features=self.features, opt=level, reloc="pic", codemodel="small"
            )
        )

    def compile(self, text: str, effort: Effort = USUAL) -> bytes:
        """The object code of a module.

        Raises:
            RuntimeError: LLVM does not accept the text.
        """
        return self._made(text, lambda module, target: bytes(target.emit_object(module)), effort)

    def assembly(self, text: str) -> str:
        """The same as assembly language, for people."""
        return self._made(text, lambda module, target: str(target.emit_assembly(module)))

    def optimized(self, text: str) -> str:
        """The module in LLVM IR after the optimizer, for people."""
        return self._made(text, lambda module, target: str(module))

    def _made(self, text: str, result: Callable[[Any, Any], Made], effort: Effort = USUAL) -> Made:
        llvm = _binding()
        # A context of its own, so that nothing of a module is left when it is closed.
        with (
            _lock,
            llvm.create_context() as context,
            self._target(effort.level) as target,
            llvm.parse_assembly(text, context) as module,
        ):
            module.verify()
            if effort.optimizes:
                _optimize(module, target, effort.level)
            return result(module, target)

    def link(
        self, code: bytes, names: Sequence[str], symbols: Mapping[str, int] | None = None
    ) -> Library:
        """Object code in memory, ready to be called.

        Args:
            code: what `compile` returned.
            names: of the functions that will be called.
            symbols: addresses of functions outside, by the names that the code calls them.
                Functions of the C library need none.

        Raises:
            RuntimeError: a function is neither in the code nor among the symbols.
        """
        llvm = _binding()
        builder = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
        for name, address in (symbols or {}).items():
            builder.import_symbol(name, address)
        for name in names:
            builder.export_symbol(name)
        with _lock, self._target() as target:
            # One for each library: a shared one keeps 10 KB of each library that it unloads.
            jit = llvm.create_lljit_compiler(target, use_jit_link=sys.platform != "win32")
            try:
                tracker = builder.link(jit, "library")
            except RuntimeError:
                jit.close()
                raise
        return Library({name: tracker[name] for name in names}, tracker, jit)


def _optimize(module: Any, target: Any, level: int) -> None:
    llvm = _binding()
    with (
        llvm.create_pipeline_tuning_options(speed_level=level) as options,
        llvm.create_pass_builder(target, options) as builder,
        builder.getModulePassManager() as passes,
    ):
        options.loop_vectorization = options.slp_vectorization = True
        options.loop_interleaving = options.loop_unrolling = True
        try:
            passes.run(module, builder)
        finally:
            _free(passes)


def _free(passes: Any) -> None:
    """Free a pass manager of an llvmlite that never does, as 0.50, and so leaks 60 KB a module.

    Its class inherits the `_dispose` that does nothing before the one that frees.
    """
    llvm = _binding()
    if type(passes)._dispose is llvm.ffi.ObjectRef._dispose:
        llvm.newpassmanagers.NewPassManager._dispose(passes)


@once
def host() -> Machine:
    """The processor of this computer, with all its features."""
    llvm = _binding()
    try:
        features = llvm.get_host_cpu_features().flatten()
    except RuntimeError:  # LLVM cannot read them on this system
        features = ""
    return Machine(llvm.get_host_cpu_name(), features)


def load(
    text: str,
    names: Sequence[str],
    symbols: Mapping[str, int] | None = None,
    machine: Machine | None = None,
    effort: Effort = USUAL,
) -> Library:
    """Compile a module, or take its machine code from the disk if it was compiled before.

    Args:
        text: LLVM IR.
        names: of the functions that will be called.
        symbols: addresses of functions outside, by the names that the text calls them. They may
            differ from process to process, so the text must not contain them.
        machine: the processor; None for this computer's.
        effort: how much time compiling may take.

    Raises:
        RuntimeError: LLVM does not accept the text, or it calls a function that is nowhere.

    Example:
        >>> import ctypes
        >>> from autograd.compile.native import llvm
        >>> def twice():
        ...     text = "define i32 @twice(i32 %x) { %y = add i32 %x, %x  ret i32 %y }"
        ...     library = llvm.load(text, ["twice"])
        ...     function = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(library.address["twice"])
        ...     return function(21)
        >>> 42 if llvm.missing() else twice()
        42
    """
    machine = machine or host()
    key = cache.key(text, *machine.identity, repr(effort))
    if code := cache.read(key):
        try:
            return machine.link(code, names, symbols)
        except RuntimeError:
            pass  # the code is ours and whole, so compiling it again says what is wrong
    code = machine.compile(text, effort)
    library = machine.link(code, names, symbols)
    cache.write(key, code)
    return library
