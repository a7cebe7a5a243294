"""One socket: its state machine, its messages, and the edge that carries out what the state machine asks for."""
