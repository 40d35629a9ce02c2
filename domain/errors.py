"""Every error a user can meet, drawn by what the reader should do.

CxLoopError
├── ConfigError              mend a file or a setting, then run again (exit code 2)
│   ├── RoadmapError         roadmap.yaml
│   ├── SourcesError         sources.yaml
│   ├── OwnKpiError          kpis.yaml
│   ├── UnknownKpiError      no KPI has this name (any more)
│   └── StoreError           the database: not reachable, of another version, of another project
├── SourceError              one source failed; the others went on (exit code 3)
│   ├── SourceUnavailableError   try again later
│   │   └── SourceMissingError       no file is there: trying again at once does not help
│   ├── SourceRefusedError       stop this source, mend its key
│   └── SourceChangedError       stop this source, mend its mapping
├── UnexplainedError         our figures and a vendor's differ, and nothing explains it (exit code 3)
├── BatchRejectedError       nothing of this batch was published (exit code 3)
├── RunInProgressError       another run holds the project (exit code 4)
├── LeaseLostError           this run was taken over; it stops without writing (exit code 4)
├── DeliveryError            Slack or a tracker did not take it; it stays in the outbox (exit code 5)
├── TooFewPointsError        no finding
└── TransitionError          this change of state is not allowed (exit code 2)
"""

from typing import ClassVar


class CxLoopError(Exception):
    """What was found, what was expected, what to do: one readable message."""

    exit_code: ClassVar[int] = 1

    def __reduce__(self) -> tuple[type["CxLoopError"], tuple[object, ...]]:
        """Survive pickling between processes, whatever a subclass adds."""
        return (type(self), tuple(self.args))


class ConfigError(CxLoopError):
    """A file or setting of the user's is wrong: mend it, then run again."""

    exit_code = 2


class RoadmapError(ConfigError):
    """`roadmap.yaml` does not hold; the message has file, line and the likely fix."""


class SourcesError(ConfigError):
    """`sources.yaml` does not hold; the message has file, line and the likely fix."""


class OwnKpiError(ConfigError):
    """`kpis.yaml` does not hold; the message has file, line and the likely fix."""


class UnknownKpiError(ConfigError, KeyError):
    """No KPI has this name."""

    __str__ = Exception.__str__  # a KeyError would put its message in quotes


class StoreError(ConfigError):
    """The database cannot be used as it is."""


class SourceError(CxLoopError):
    """One source failed; what it had before is kept, the other sources go on."""

    exit_code = 3


class SourceUnavailableError(SourceError):
    """The source did not answer or its file could not be read: try again later."""


class SourceMissingError(SourceUnavailableError):
    """No file is where the source's path says: put it there, or mend the path."""


class SourceRefusedError(SourceError):
    """The source refuses our key: mend the secret that the message names."""


class SourceChangedError(SourceError):
    """The source no longer looks as its mapping says: stop it, mend the mapping."""


class UnexplainedError(CxLoopError):
    """More of our figures differ from the vendor's than may stay unexplained."""

    exit_code = 3


class BatchRejectedError(CxLoopError):
    """A batch broke a rule that blocks: nothing of it was published."""

    exit_code = 3


class RunInProgressError(CxLoopError):
    """Another run holds this project's lease."""

    exit_code = 4


class LeaseLostError(CxLoopError):
    """This run's lease ran out and another run took over: it must not write."""

    exit_code = 4


class DeliveryError(CxLoopError):
    """A message could not be delivered; it stays in the outbox and is tried again."""

    exit_code = 5


class TooFewPointsError(CxLoopError):
    """Too few points to judge: report no finding."""


class TransitionError(CxLoopError):
    """A change of state that the lifecycle does not allow."""

    exit_code = 2
