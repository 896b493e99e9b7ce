"""Service performance: indicators with targets, measured with their uncertainty."""
