"""Finding: why a gradient is what it is, what blocks one, and where a nan was born."""
