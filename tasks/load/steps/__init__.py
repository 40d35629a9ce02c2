"""The load room's steps: `batch` publishes a batch, `deletions` what lists no longer show.

`tables` writes a batch's rows, `merging` reads what they add to.
"""

from tasks.load.steps.batch import load_batch
from tasks.load.steps.deletions import follow_deletions

__all__ = ["follow_deletions", "load_batch"]
