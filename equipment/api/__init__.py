"""Equipment over /api/v1/."""
