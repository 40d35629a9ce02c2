"""The validate room's step: a staged batch is judged, by `tasks.validate.apart`."""

from tasks.validate.apart.gate import load_library
from tasks.validate.steps.batch import validate_batch

__all__ = ["load_library", "validate_batch"]
