"""GitHub's own description of its REST API and webhooks, as much of it as the fake needs.

`wanted.py` names the calls and deliveries; `make schemas` cuts them out of GitHub's OpenAPI description (`extract.py`)
and writes them as JSON Schema into `github.json`; `published.py` compares bodies with it.
"""
