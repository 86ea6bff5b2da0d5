"""When an environment sleeps: rules, zones, holidays, and what is due now. Pure; time is an argument.

`rules` are what `environments.toml` says, `days` and `holidays` parts of them, `instants` turns local times into UTC,
`transitions` are the nights with their evenings and mornings, `due` says which of them have to be acted upon.
"""
