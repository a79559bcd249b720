"""The doorstep: data directory, socket, workers, signals; opens the house and closes it."""
