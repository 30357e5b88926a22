"""What only a GPU can show: the reference model at full size, and how fast it is trained."""
