"""What two rooms must agree on: value types, errors, queue messages, stores, settings groups."""
