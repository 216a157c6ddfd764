"""In vitro: wells of plates and dishes, standard curves, microscope and flow cytometer.

These scenes are optically thin along the light's way or absorb without scattering, so they are
computed directly, without histories.
"""
