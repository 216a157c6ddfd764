"""The carrier in mouse and man: one model, calibrated on published evidence."""
