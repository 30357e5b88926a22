"""The page for pathologists: a client of the gateway like any other, with a record of its own."""
