"""The harness: asks a target what the clauses need to see, keeps what came back, and judges it.

A probe is asked, an exchange is kept, a clause judges exchanges, a verdict follows. Only `wire` and `login` use the
network; only `plugin` and `options` know pytest.
"""
