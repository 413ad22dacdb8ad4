"""Measurements, run by hand: no test, because a busy machine must not fail a build."""
