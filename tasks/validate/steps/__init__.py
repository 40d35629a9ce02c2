"""The validate room's step: `gate` asks Great Expectations, `batch` judges a staged batch by its answers."""

from tasks.validate.steps.batch import validate_batch

__all__ = ["validate_batch"]
