"""The harness: asks a target what the clauses need to see, keeps what came back, and judges it.

A probe is asked, an exchange is kept, a clause judges exchanges, a verdict follows. What is where:

- asking: `target`, `probe`, `probes`, `draws`, `credentials`, then `rounds` and `ask`, for as long as there is
  `patience`; over the network `wire`, which stands on `channel`, `to_the_end` and `intake`, and `login`
- keeping: `exchange`, `evidence`; reading what was kept: `answer`, `strict`, `known`, `readings`, `paging`
- judging: `clause` declares, `sight` shows, `expect`, `headers`, `disclosure`, `machines` and `shape` have the rules, a
  `judgement` follows of each take, of all of them a `history`, and `verdicts` of those
- telling: `report` and `digest`, then `console`, `page` with `marks` and `layout`, `github`, `junit`, `compare`
- in pytest: `plugin` and `options`, `judge` and `hearing` for one target, `fleet` and `named` for several, `items`
"""
