"""What a run was asked for: options, settings and the files that they stand in."""
