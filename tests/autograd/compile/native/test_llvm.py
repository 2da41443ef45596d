"""Modules of LLVM become functions in memory, and give the memory back."""

import ctypes
import gc
import os
import sys
import threading
import time
import types

import numpy as np
import pytest

from autograd.compile.native import cache, llvm

needs_llvm = pytest.mark.skipif(bool(llvm.missing()), reason=llvm.missing())
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

ADD = """
define i64 @add{n}(i64 %x) {{
  %y = add i64 %x, {n}
  ret i64 %y
}}
"""
# y[i] = outside(x[i]) + 2, where the 2 is read from a table: code, data and a call out of it.
MAP = """
@table = internal constant [2 x double] [double 1.0, double 2.0]
declare double @outside(double)
define void @map(ptr %x, ptr %y, i64 %count) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  %p = getelementptr double, ptr %x, i64 %i
  %a = load double, ptr %p
  %b = call double @outside(double %a)
  %t = getelementptr double, ptr @table, i64 1
  %two = load double, ptr %t
  %c = fadd double %b, %two
  %q = getelementptr double, ptr %y, i64 %i
  store double %c, ptr %q
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %count
  br i1 %more, label %loop, label %done
done:
  ret void
}
"""


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    monkeypatch.setenv("GLASSGRAD_CACHE", str(tmp_path / "cache"))
    yield
    llvm.missing.cache_clear()


def function(library, name, result=ctypes.c_int64, *arguments):
    return ctypes.CFUNCTYPE(result, *(arguments or (ctypes.c_int64,)))(library.address[name])


def mapped(library, x):
    y = np.empty_like(x)
    pointers = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64
    function(library, "map", None, *pointers)(x.ctypes.data, y.ctypes.data, len(x))
    return y


@needs_llvm
def test_a_function_runs():
    library = llvm.load(ADD.format(n=3) + ADD.format(n=4), ["add3", "add4"])
    assert function(library, "add3")(39) == 42
    assert function(library, "add4")(39) == 43


@needs_llvm
def test_a_function_outside_is_called_by_its_address():
    outside = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(lambda x: x * 10)
    address = ctypes.cast(outside, ctypes.c_void_p).value
    x = np.arange(5.0)
    for _ in range(2):  # the second time from the disk, where no address is kept
        library = llvm.load(MAP, ["map"], {"outside": address})
        np.testing.assert_array_equal(mapped(library, x), x * 10 + 2)


@needs_llvm
def test_functions_of_the_c_library_need_no_address():
    text = "declare double @cos(double)\n" + MAP.replace("@outside", "@cos").replace(
        "declare double @cos(double)\n", "", 1
    )
    np.testing.assert_array_equal(mapped(llvm.load(text, ["map"]), np.zeros(3)), [3.0, 3.0, 3.0])


@needs_llvm
def test_loops_are_vectorized():
    text = MAP.replace("call double @outside(double %a)", "fmul double %a, %a")
    text = text.replace("ptr %x, ptr %y,", "ptr noalias %x, ptr noalias %y,")
    assert "x double>" in llvm.host().optimized(text)
    if "x86_64" in llvm.host().identity[0]:
        assert "mulpd" in llvm.host().assembly(text)


@needs_llvm
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("define i32 @f() { ret i32 1", "end of file"),
        ("define i32 @f() { %x = add i32 1, %y ret i32 %x }", "%y"),
        ("define i32 @g() { ret i32 1 }", "f"),
        ("declare i32 @nowhere()\ndefine i32 @f() { %x = call i32 @nowhere() ret i32 %x }", "f"),
    ],
    ids=["torn", "undefined", "another-name", "nowhere"],
)
def test_what_cannot_be_compiled_raises(text, says, capfd):
    with pytest.raises(RuntimeError, match=says):
        llvm.load(text, ["f"])
    assert llvm.load("define i32 @f() { ret i32 1 }", ["f"]).address["f"]


@needs_llvm
def test_the_second_load_compiles_nothing(monkeypatch):
    llvm.load(ADD.format(n=5), ["add5"])
    with monkeypatch.context() as patch:
        patch.setattr(llvm.Machine, "compile", lambda *_: pytest.fail("compiled again"))
        assert function(llvm.load(ADD.format(n=5), ["add5"]), "add5")(1) == 6


def watched(monkeypatch):
    """What is compiled from now on."""
    compiled, compile = [], llvm.Machine.compile

    def noting(self, text, effort):
        compiled.append((self.cpu, effort))
        return compile(self, text, effort)

    monkeypatch.setattr(llvm.Machine, "compile", noting)
    return compiled


@needs_llvm
def test_another_processor_has_code_of_its_own(monkeypatch):
    llvm.load(ADD.format(n=6), ["add6"])
    compiled = watched(monkeypatch)
    old = llvm.Machine("generic", "")
    assert function(llvm.load(ADD.format(n=6), ["add6"], machine=old), "add6")(1) == 7
    assert compiled == [("generic", llvm.USUAL)]
    llvm.load(ADD.format(n=6), ["add6"])
    llvm.load(ADD.format(n=6), ["add6"], machine=old)
    assert compiled == [("generic", llvm.USUAL)]


@needs_llvm
def test_another_effort_has_code_of_its_own(monkeypatch):
    compiled = watched(monkeypatch)
    efforts = [llvm.Effort(level, optimizes) for level in (0, 2) for optimizes in (False, True)]
    for effort in efforts * 2:
        assert function(llvm.load(ADD.format(n=6), ["add6"], effort=effort), "add6")(1) == 7
    assert [effort for _, effort in compiled] == efforts


@needs_llvm
def test_without_the_optimizer_code_is_as_it_was_written():
    text = "define i64 @f(i64 %x) { %a = add i64 %x, %x  %b = add i64 %a, %x  ret i64 %b }"
    plain = llvm.host().compile(text, llvm.Effort(2, optimizes=False))
    assert plain != llvm.host().compile(text)
    for code in (plain, llvm.host().compile(text)):
        assert function(llvm.host().link(code, ["f"]), "f")(14) == 42


@needs_llvm
def test_code_that_does_not_link_is_compiled_again():
    """A file with a right checksum that is no object code: written by hand, or by an error of ours."""
    text = ADD.format(n=7)
    key = cache.key(text, *llvm.host().identity, repr(llvm.USUAL))
    cache.write(key, b"no object code")
    assert function(llvm.load(text, ["add7"]), "add7")(1) == 8
    assert cache.read(key) != b"no object code"


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@needs_llvm
@needs_linux
def test_memory_is_given_back():
    code = llvm.host().compile(MAP)
    outside = {"outside": ctypes.cast(ctypes.pythonapi.Py_IsInitialized, ctypes.c_void_p).value}
    for _ in range(100):
        llvm.host().link(code, ["map"], outside)
    before = resident()
    for _ in range(300):
        llvm.host().link(code, ["map"], outside)
    assert resident() - before < 300 * 2**10  # the smallest library is two pages


@needs_llvm
@needs_linux
def test_memory_of_compiling_is_given_back():
    for n in range(20):
        llvm.host().compile(ADD.format(n=n))
    before = resident()
    for n in range(100):
        llvm.host().compile(ADD.format(n=n))
    assert resident() - before < 2**20


@needs_llvm
@needs_linux
def test_a_library_lives_until_it_is_dropped(no_cycles):
    def is_mapped(address):
        with open("/proc/self/maps") as file:
            ranges = [[int(n, 16) for n in line.split()[0].split("-")] for line in file]
        return any(low <= address < high for low, high in ranges)

    library = llvm.load(ADD.format(n=9), ["add9"])
    address = library.address["add9"]
    gc.collect()
    assert is_mapped(address)
    del library
    assert not is_mapped(address)


@needs_llvm
def test_threads_compile_load_and_drop_at_once():
    wrong = []

    def work(start):
        for n in range(start, start + 8):
            library = llvm.load(ADD.format(n=n), [f"add{n}"])
            if function(library, f"add{n}")(1) != n + 1:
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(start,)) for start in (0, 4, 8, 12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@needs_llvm
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_can_compile_while_another_thread_of_the_parent_does():
    stop = threading.Event()

    def work():
        n = 0
        while not stop.is_set():
            llvm.host().compile(ADD.format(n=n))
            n += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                library = llvm.load(ADD.format(n=5), ["add5"])
                os._exit(function(library, "add5")(1) != 6)
            assert waited(child) == 0
    finally:
        stop.set()
        thread.join()


def waited(child, seconds=60):
    """The exit status; a child that hangs is killed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return "hangs"


def test_a_missing_llvmlite_is_said_in_one_sentence(monkeypatch):
    llvm.missing.cache_clear()
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    assert llvm.missing() == 'native: got no llvmlite; run pip install "glassgrad[native]"'


def stand_in(monkeypatch, **names):
    package, binding = types.ModuleType("llvmlite"), types.ModuleType("llvmlite.binding")
    package.binding, package.__version__ = binding, "0.9"
    for name, value in names.items():
        setattr(binding, name, value)
    monkeypatch.setitem(sys.modules, "llvmlite", package)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", binding)
    llvm.missing.cache_clear()
    llvm.host.cache_clear()
    return binding


def test_an_llvmlite_that_lacks_a_function_is_said_in_one_sentence(monkeypatch):
    stand_in(monkeypatch, **dict.fromkeys(set(llvm.NEEDED) - {"create_lljit_compiler"}))
    assert llvm.missing() == (
        "native: got llvmlite 0.9, which lacks create_lljit_compiler; "
        'run pip install "glassgrad[native]"'
    )


def test_an_llvmlite_that_works_otherwise_is_said_in_one_sentence(monkeypatch):
    def changed(*_):
        raise TypeError("other arguments")

    stand_in(monkeypatch, **dict.fromkeys(llvm.NEEDED, changed))
    assert llvm.missing() == (
        "native: got llvmlite 0.9, which does not compile here (TypeError: other arguments); "
        'run pip install "glassgrad[native]"'
    )


def test_an_llvmlite_that_does_not_load_is_said_in_one_sentence(monkeypatch):
    def broken(name):
        raise OSError("no such library")

    binding = stand_in(monkeypatch)
    monkeypatch.setattr(llvm, "_binding", lambda: broken(binding))
    assert "an llvmlite that does not load (no such library)" in llvm.missing()
