"""Three chats that behave: Slack, Mattermost and a Teams Workflows webhook, on loopback, in memory.

`python -m local.chat` runs them as one program, `local.chat.server.running_chats` inside one: Slack's API is at
`<url>/slack/api`, Mattermost at `<url>/mattermost`, the workflow at `<url>/teams/workflows/...`. What people and
administrators would do by hand is under `/_chat/`. They share no code with the app they test.
"""
