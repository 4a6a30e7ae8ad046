"""The engine simulated: lives of batches with faults drawn from a seed, compared with a model after every act.

`make simulate LIVES=2000 SEED=1`; one life again: `make simulate SEED=1 LIFE=17`. See docs/validation/simulation.md.
"""
