"""Compiled code of optical transport: geometry, surfaces, launches, walks."""
