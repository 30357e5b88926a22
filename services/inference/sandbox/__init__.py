"""Untrusted pixels are read in small processes, where what goes wrong takes nobody else down."""
