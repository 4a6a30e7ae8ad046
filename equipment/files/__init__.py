"""Files that instruments drop: kept byte for byte, read once, never changed."""
