"""The load room's step: `batch` publishes a batch, `tables` writes its rows, `merging` reads what it adds to."""

from tasks.load.steps.batch import load_batch

__all__ = ["load_batch"]
