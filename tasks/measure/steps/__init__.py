"""The measure room's steps.

`planning` says what changed, `facts` reads, `measuring` and `values` write, `watching` tells who may leave.
"""

from tasks.measure.steps.measuring import measure_dirty
from tasks.measure.steps.watching import watch_customers

__all__ = ["measure_dirty", "watch_customers"]
