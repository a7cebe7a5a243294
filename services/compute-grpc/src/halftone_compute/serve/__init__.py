"""The server: gRPC calls, streams, admission, grants, and pictures as files."""
