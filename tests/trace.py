"""Which requirement is proved by which test: collected from the marks of the run itself."""
