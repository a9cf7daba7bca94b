"""`autopsy` on nan and inf, `kinks` on points without a derivative, slopes by finite differences."""
