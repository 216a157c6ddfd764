"""Absorbed dose from time-integrated activity: spheres and lesions, organs, marrow."""
