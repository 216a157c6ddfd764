"""Monte Carlo transport of photons, electrons and positrons, 1 keV to 3 MeV."""
