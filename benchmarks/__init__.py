"""Benchmarks: this suite beside stock `schemathesis run`, what a run costs, and how that grows."""
