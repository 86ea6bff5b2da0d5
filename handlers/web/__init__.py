"""What our calls over HTTP have in common, whomever they go to: the session, the waits, the way to this machine."""
