"""The rule book as tests: worked examples as text tables, run by the reference reading and by the engine."""
