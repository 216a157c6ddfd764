"""Engines that every time-dependent stage uses: linear compartments, fits, integration."""
