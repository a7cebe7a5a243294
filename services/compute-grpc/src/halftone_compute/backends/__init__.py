"""Engines that turn rows into grids."""
