"""The native back end: a program as loop nests and products, printed as LLVM IR."""
