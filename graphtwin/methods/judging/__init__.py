"""Drift, risk, forecast, plan, confidence, status."""
