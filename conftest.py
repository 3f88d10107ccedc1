"""Where things are: the clauses in tests/contract, and the plugin that judges by them."""

pytest_plugins = ("conformance.plugin",)
