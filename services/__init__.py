"""The six services of the suite; none imports another."""
