"""Speaking in a chat: the answers to status, history, plan and cancel, in fixed-width text.

Outside text in them is neutralised by each place's own rules, which the cards in `handlers.sinks` follow too.
"""
