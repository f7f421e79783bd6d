"""Files become facts: readers, the one schema, cleaning with every row accounted for."""
