"""The process: the application, its routes, and how it starts, drains and stops."""
