"""What checking and fixing costs as files grow, in steps, never in seconds."""
