"""One file: run rules over it, suppress, fix."""
