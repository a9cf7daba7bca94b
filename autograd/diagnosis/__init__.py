"""Reports on a graph: `autopsy` on nan and infinity, `kinks` on points without a derivative."""
