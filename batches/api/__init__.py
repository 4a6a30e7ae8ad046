"""Batches over /api/v1/."""
