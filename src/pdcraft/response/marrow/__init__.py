"""Blood counts driven by the dose rate in marrow: chains, evidence, fit, predictions."""
