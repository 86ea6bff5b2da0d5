"""Where people see how a request is going. A new place is one file with a class that is a `handlers.ports.Sink`."""
