"""What runs inside the user's interpreter: it imports nothing of Lockgate but itself, and runs on Python 3.8."""
