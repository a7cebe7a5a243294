"""From messages to bytes and back, and the queue in front of a socket."""
