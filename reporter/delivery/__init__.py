"""What leaves the house: run folders, and later the mail."""
