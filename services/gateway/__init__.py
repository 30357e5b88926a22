"""Who asks, in what words, within which limits. Never loads a model."""
