"""The world outside, spoken to in its own protocols. Each adapter knows the nouns and nothing else of the program."""
