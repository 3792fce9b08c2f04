"""Neural networks: fully connected ones, their equivalences, first weights and conversions."""
