"""A GitHub that behaves: the REST API's rules for releases, assets, deployments and apps, on loopback, in memory.

`python -m local.github` runs it as a program, `local.github.server.running_github` inside one. What its owner would
do by hand in GitHub's pages (publish a release, install an app, break something) is under `/_github/`.
It shares no code with the app it tests.
"""
