"""The limits of `welcome`."""

from halftone_gateway.limits import SocketLimits


def test_clients_are_told_their_limits() -> None:
    told = SocketLimits(views=3).message()
    assert (told.views, told.message_bytes, told.messages_per_second) == (3, 65_536, 60)
    assert (told.side_pixels, told.picture_pixels, told.unshown_frames) == (4096, 8_388_608, 2)
