"""The validate room's step: `gate` asks Great Expectations, `batch` judges a staged batch by its answers."""

from tasks.validate.steps.batch import validate_batch
from tasks.validate.steps.gate import load_library

__all__ = ["load_library", "validate_batch"]
