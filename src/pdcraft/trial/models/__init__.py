"""Dose escalation by models of toxicity, efficacy with toxicity, and two doses compared."""
