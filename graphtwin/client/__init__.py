"""Asking a graphtwin that runs elsewhere, over GraphQL: as a store to read from, and for what persons decide."""
