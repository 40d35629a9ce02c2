"""The measure room's step: `facts` reads, `measuring` makes parts, `values` makes values, `definitions` remembers."""

from tasks.measure.steps.measuring import measure_dirty

__all__ = ["measure_dirty"]
