"""The whole way on real studies: what the engine says against what was published or recorded."""
