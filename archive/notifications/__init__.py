"""Telling the world outside, by mail, webhook or chat, what the receiver's people should know."""
