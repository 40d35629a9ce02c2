"""Reconcile: our figures beside the vendor's own export, each difference with its class."""
