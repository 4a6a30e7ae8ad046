"""A plant behind real protocols: simulated devices, each in a process of its own that speaks as a real one does."""
