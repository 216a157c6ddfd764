"""What dose rates and drug exposures do: to tumors, to marrow, to patients."""
