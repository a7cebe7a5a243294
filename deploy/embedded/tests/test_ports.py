import socket

from launcher import ports


def test_free_and_taken(free_port: int, busy_port: int) -> None:
    assert ports.taken({"HALFTONE_A_PORT": free_port, "HALFTONE_B_PORT": busy_port}) == {"HALFTONE_B_PORT": busy_port}


def test_a_listener_on_every_address_counts() -> None:
    with socket.create_server(("", 0)) as server:
        assert ports.in_use(socket.AF_INET, "127.0.0.1", server.getsockname()[1])
