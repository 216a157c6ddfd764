"""Fluorescence imaging: scenes, dyes, cameras, contrast and detection."""
