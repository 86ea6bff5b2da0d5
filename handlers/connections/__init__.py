"""The real world behind the ports: storage, GitHub, the chats and the Service Management API, by the settings."""
