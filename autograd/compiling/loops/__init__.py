"""Programs as loops and products over planned memory, which Numba makes machine code of."""
