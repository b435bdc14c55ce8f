"""Measures: pure functions under `functional`, and the comparison with golden fixtures under `parity`."""
