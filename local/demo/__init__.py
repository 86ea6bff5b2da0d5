"""The main job, told step by step: a GitHub release becomes a running deployment, and the release says so.

`python -m local.demo` plays it once; `--serve` keeps the same parts running to try things by hand.

`watch` looks at the parts from outside and yields what it saw (`events`); `words` says it to people; `page` writes
it; `story` waits for what should come and says what did not; `play` and `serve` are the two programs.
"""
