"""The course's first lesson as a program: its sample, its attempts in order, its figures."""
