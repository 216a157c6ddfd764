"""Micrometastases in a study: payloads beside each other, cell by cell."""
