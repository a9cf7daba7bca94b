"""`autopsy` on nan and inf, `kinks` where there is no derivative, slopes by finite differences."""
