"""The main job, told step by step: a GitHub release becomes a running deployment, and Slack steers what runs.

`python -m local.demo` plays it once; `--night` plays a night in a minute; `--serve` keeps the same parts running to try
things by hand.

`watch` looks at the parts from outside and yields what it saw (`events`); `words` says it to people; `page` writes
it, `frame` what people see in Slack, `picture` keeps that; `story` waits for what should come and says what did not;
`people` type in Slack; `follow` tells what somebody does until it is over; `schedule` looks ahead. `play`, `night` and
`serve` are the three programs.
"""
