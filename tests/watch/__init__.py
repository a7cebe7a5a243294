"""What is watched: alerts, dashboards, and the metrics that they and the scalers read."""
