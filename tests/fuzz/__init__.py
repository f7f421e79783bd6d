"""Looking for inputs that break the intake: real workbooks and tables, spoiled at random, seed by seed."""
