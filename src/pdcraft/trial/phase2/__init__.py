"""Phase II: two-stage designs and what can be inferred after them, Bayesian monitoring, baskets."""
