"""A mouse under a camera: turned, skinned, furred, and its organs on a tray."""
