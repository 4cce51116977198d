"""The marks that the plugin sets by itself, with a line of help each. Domains come on top, as manifests name them.

Apart from everything else, because pytest registers them at every start.
"""

KNOWN_MARKS: tuple[tuple[str, str], ...] = (
    ("few_minutes", "a qualified person takes at most 4 minutes for the task"),
    ("several_minutes", "a qualified person takes more than 4 and at most 15 minutes for the task"),
    ("under_an_hour", "a qualified person takes more than 15 and at most 60 minutes for the task"),
    ("few_hours", "a qualified person takes more than 1 and at most 4 hours for the task"),
    ("day_long", "a qualified person takes more than 4 and at most 16 hours for the task"),
    ("week_long", "a qualified person takes more than 16 and at most 80 hours for the task"),
    ("month_long", "a qualified person takes more than 80 hours for the task"),
    ("dev", "the task is for development: agents may be tuned on it"),
    ("test", "the task is held out: agents are not tuned on it"),
    ("no_internet", "the manifest says that the task has no internet"),
    ("gpu", "the task asks for a GPU"),
    ("manual_score", "a person must score the task"),
    ("difficulty", "human minutes of the task and the bracket that they fall in, as minutes=... and bracket=..."),
)
