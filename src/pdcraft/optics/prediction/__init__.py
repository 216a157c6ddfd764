"""From a scene to what the camera sees of it: signals, frames, images, contrast, detection."""
