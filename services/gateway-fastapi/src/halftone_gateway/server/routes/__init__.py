"""HTTP and WebSocket routes, one subject a file."""
