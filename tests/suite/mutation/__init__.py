"""The tester tested: mutants of the judging code, held against recorded servers and the quick tests."""
