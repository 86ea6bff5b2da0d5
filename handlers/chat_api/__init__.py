"""The chats' own APIs: what is sent where, how each says no, and what their limits ask of us."""
