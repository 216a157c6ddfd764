"""Light in tissue: the optical Monte Carlo kernel and the methods that run it."""
