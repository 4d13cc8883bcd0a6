"""Grouping: which articles tell one event, and which events continue each other. Pure."""
