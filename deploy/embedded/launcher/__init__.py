"""Starts and stops Halftone on one machine: the program behind `make up` and `make down`."""
