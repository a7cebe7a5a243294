"""The whole product with a large table: by its socket, in a browser, and one frame stage by stage."""
