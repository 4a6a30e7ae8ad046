"""Laboratory and release over /api/v1/."""
