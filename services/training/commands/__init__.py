"""The commands `densa phantom`, `train`, `export` and `evaluate`. Torch is imported only inside."""
