"""How well a fit predicts each point from the others, without refitting."""
