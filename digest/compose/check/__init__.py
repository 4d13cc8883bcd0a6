"""What is wrong with a finished mail: pure functions, the message in and findings out."""
