"""Orders, identity and custody over /api/v1/."""
