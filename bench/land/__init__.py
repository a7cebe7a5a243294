"""The land of the globe, 309,568,712 points, as a dataset of what `make up` started: `make sample-land`."""
