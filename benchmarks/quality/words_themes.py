"""A taxonomy such as a roadmap would declare, for a health service's comments; and the human label each theme answers.

Written from what such a service does and from counts of words in the learning half; the held-out half was not read.
"""

from typing import Final

THEMES: Final = {
    "staff-manner": [
        "friendly", "kind", "kindness", "caring", "polite", "professional*", "courteous", "supportive", "respect*",
        "helpful", "compassion*", "considerate", "rude", "rudely", "manner", "reassuring", "attitude", "pleasant",
        "calm", "lovely * staff", "nice * people", "attentive", "unhelpful",
    ],
    "listening": ["listen*", "understanding", "understood", "chatty", "heard", "felt * understood", "talk to"],
    "contacting": [
        "answered", "on hold", "get through", "getting through", "phone line*", "call back", "called back",
        "answer * phone", "answering * phone", "phone * answered", "on the phone", "rang back", "ring back", "call wait*",
    ],
    "appointments": ["appointment*", "cancelled", "cancel*", "rebook*", "reschedul*"],
    "timeliness": [
        "wait*", "quick*", "late", "prompt*", "on time", "delay*", "fast*", "hours", "response", "slow*", "speed*",
        "arriv*", "took * long", "too long", "long time", "punctual*", "mins", "minutes",
    ],
    "transport": ["transport", "taxi*", "journey*", "driver*", "wheelchair*", "car", "cars", "lift home", "seat*"],
    "food": ["food", "meal*", "coffee", "tea", "drink*", "lunch*", "breakfast*", "menu*", "dinner*"],
    "activities": ["activit*", "fresh air", "outside", "garden*", "leave", "gym", "walks"],
    "gratitude": [
        "nothing", "none", "excellent", "brilliant", "amazing", "fantastic", "perfect*", "thank*", "satisfied", "happy",
        "first class", "can't fault", "cannot fault", "no complaint*", "great", "good service", "very good", "lovely",
        "all good", "well done", "keep up", "wonderful", "superb", "outstanding",
    ],
}  # fmt: skip
LABELS: Final = {
    "staff-manner": "Staff manner & personal attributes",
    "listening": "Staff listening, understanding & involving patients",
    "contacting": "Contacting services",
    "appointments": "Appointment arrangements",
    "timeliness": "Timeliness of care",
    "transport": "Transport to/ from services",
    "food": "Food & drink provision & facilities",
    "activities": "Activities & access to fresh air",
    "gratitude": "Positive experience & gratitude",
}
