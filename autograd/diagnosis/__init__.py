"""`autopsy` on nan and inf, `kinks` on points without a derivative. Begin with `autopsy_report`."""
