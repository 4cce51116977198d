"""The two ways in which a Skerry program goes wrong, and the reports of both."""

SHOWN_CALLS = 6


class StaticErrors(Exception):
    """Found before the program runs: syntax errors (one) or the findings of the checks (all of them)."""

    def __init__(self, findings):
        super().__init__(findings)
        self.findings = findings  # (kind, module, line, column, message)

    def report(self):
        return "".join(
            f"error[{kind}] at {m}:{line}:{column}: {text}\n" for kind, m, line, column, text in self.findings
        )


class Raised(Exception):
    """An error of the running program; *place* is a text such as main:3:7."""

    def __init__(self, kind, message, place=None, value=None):
        super().__init__(message)
        self.kind, self.message, self.place, self.value = kind, message, place, value
        self.trail = []  # calls left on the way, innermost first
        self.waited_for = False

    def report(self):
        lines = [f"error[{self.kind}] at {self.place}: {self.message}"]
        lines += ["  " + line for line in self.trail[:SHOWN_CALLS]]
        if len(self.trail) > SHOWN_CALLS:
            lines.append(f"  and {len(self.trail) - SHOWN_CALLS} more")
        return "".join(line + "\n" for line in lines)


class OutOfSteps(Exception):
    """The budget is used up: ends the program, past everything that would catch an error."""
