"""What the gateway's tests run against: real servers on free ports, and a client that speaks both encodings."""
