"""`explain`: derivatives as formulas and as sums over paths. Begin with `explanation`."""
