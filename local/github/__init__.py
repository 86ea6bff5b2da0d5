"""A GitHub that behaves: the REST API's rules for releases, commits, pull requests, deployments and apps, in memory.

`python -m local.github` runs it as a program, `local.github.server.running_github` inside one. What people and
programs would do to it (publish a release, push, comment, let a check succeed, install an app, break something) is
under `/_github/`. It shares no code with the app it tests.
"""
