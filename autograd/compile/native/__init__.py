"""The native back end: programs as LLVM IR, compiled for this processor by llvmlite."""
