"""How numbers come out of moments: one file a method."""
