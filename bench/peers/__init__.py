"""The same pictures by others, each as it is used best."""
