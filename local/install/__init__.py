"""Installs what the project needs beside Python, make and sh. `make install` runs it: `python3 -m local.install`.

Into `.venv` go the packages of `requirements-dev.txt`; into `.local/node` go Azurite and, where the machine has no
Node, a Node. Nothing outside this folder changes but the caches of pip and npm.

Standard library only: the machine's Python runs it before anything is installed. An older Python must be able to read
it, so that it can be told that it is too old.
"""
