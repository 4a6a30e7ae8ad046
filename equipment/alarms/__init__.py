"""Alarms: what is judged, what people do about it, what of it belongs to a batch."""
