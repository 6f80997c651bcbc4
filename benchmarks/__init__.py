"""Benchmarks: what the derivations cost, each as a ratio to a named reference measured in the same run."""
