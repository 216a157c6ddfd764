"""Where the carrier goes: fits of measured data, population fits, curves of a carrier file."""
