"""In-memory stand-ins, one file per port. tests/integration/test_*_contract.py proves them."""
