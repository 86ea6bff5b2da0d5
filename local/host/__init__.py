"""Runs function_app.py without Core Tools: HTTP, storage queues and timers, as the Functions host does.

`python -m local.host --port 7071 --settings local.settings.json`
"""
