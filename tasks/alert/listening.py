"""What is said of a listening plan that is not kept."""

from domain.listening import survey_of
from domain.records import Incident
from domain.shown import counted
from tasks.alert.lifecycle import Figures

_BROKEN = {
    "asked too soon": "{} asks people again too soon",
    "asks nobody": "{} asks nobody",
    "not in the roadmap": "{} asks customers, but the roadmap does not know it",
}
_DO = {
    "asked too soon": "have the survey tool leave out who was asked lately, or mend `rest` and `every` in the roadmap.",
    "asks nobody": "see whether the survey runs and its invitations are fetched, or take it out of the roadmap.",
    "not in the roadmap": "add it to the roadmap's `surveys`, or stop it.",
}


def headline_of(incident: Incident) -> str:
    """`Survey after-help asks people again too soon`."""
    survey = f"Survey {survey_of(incident.scope)}"
    if incident.state == "resolved":
        return f"{survey} keeps the listening plan again"
    return _BROKEN.get(_verdict(incident.figures), "{} does not keep the listening plan").format(survey)


def sentences_of(incident: Incident) -> list[str]:
    """How often, of how many invitations."""
    told, n = str(incident.figures.get("note") or ""), incident.figures.get("n")
    if _verdict(incident.figures) == "not in the roadmap" and isinstance(n, int | float):
        told = f"{counted(n)} invitation{'s' if n != 1 else ''} in four weeks: {told}"
    return [f"{told[:1].upper()}{told[1:]}."] if told else []


def facts_of(incident: Incident) -> list[tuple[str, str]]:
    """What to do about it."""
    do = _DO.get(_verdict(incident.figures))
    return [("Do", f"{do} `cxloop listening` shows the plan against what happened.")] if do else []


def _verdict(figures: Figures) -> str:
    return str(figures.get("verdict", ""))
