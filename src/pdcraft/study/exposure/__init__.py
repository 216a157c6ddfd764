"""Exposure in a study: free drug from a conjugate, what it does, the therapeutic index."""
