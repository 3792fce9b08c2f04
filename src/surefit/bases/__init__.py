"""Linear bases for one input: orthogonal polynomials, powers of x, and Fourier series."""
