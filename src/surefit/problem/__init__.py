"""The waist: model × data × loss as functions of free vectors, and ways to simplify one."""
