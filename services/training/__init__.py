"""How a model came to be and how good it is: drawn micrographs, training, export, evaluation."""
