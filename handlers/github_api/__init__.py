"""GitHub's REST API, as much of it as we use.

`transport.py` sends; `limits.py` says what an answer asks us to wait for; `credentials.py` says who we are;
`client.py` puts them together; `releases.py`, `deployments.py`, `checks.py` and `members.py` are the calls, by subject.
"""
