"""Says hello, says what time it is, and ends."""

from datetime import datetime, timezone

now = datetime.now(timezone.utc)
print("Hello from a container!")
print(f"It is {now:%Y-%m-%d %H:%M:%S} UTC.")
