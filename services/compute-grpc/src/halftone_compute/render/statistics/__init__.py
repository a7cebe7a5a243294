"""Statistics of all values of a cell at once: quantiles and different values. Rows are read anew for them."""
