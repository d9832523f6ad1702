"""From changes to an ordered, staged plan; pure."""
