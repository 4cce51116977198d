"""The controlled English of the translations: one text for each sentence, and back."""

AUXILIARIES = {"past": "did", "present": "does", "future": "will"}
PRONOUNS = ("I", "thou", "you", "your-grace", "it", "we", "ye", "they")
OWNERS = ("my", "thy", "its", "our")
COUNTS = {"sg": [], "two": ["both"], "pl": ["many"]}


def write_phrase(phrase, article="the"):
    """Return the tokens of a noun phrase."""
    if "pronoun" in phrase:
        return [phrase["pronoun"]]
    number = phrase["number"]
    tokens = [article, *([str(number)] if isinstance(number, int) else COUNTS[number])]
    tokens += [phrase[key] for key in ("owner", "adjective", "noun") if key in phrase]
    return tokens + (["of", *write_phrase(phrase["of"])] if "of" in phrase else [])


def write_clause(clause, before=False):
    """Return the tokens of a clause."""
    tokens = write_phrase(clause["subject"]) if "subject" in clause else []
    tokens += [] if before else [AUXILIARIES[clause["tense"]]]
    tokens += [*(["not"] if clause["negative"] else []), clause["verb"]]
    if "object" in clause:
        tokens += write_phrase(clause["object"], "the" if clause["object"].get("known") else "a")
    for role in ("to", "with", "at"):
        if role in clause:
            tokens += [role, *write_phrase(clause[role])]
    return tokens


def write(sentence):
    """Return the text of a sentence."""
    tokens = [f"({sentence['evidence']})"]
    if "before" in sentence:
        tokens += ["after", *write_clause(sentence["before"], True), ","]
    return " ".join(tokens + write_clause(sentence["main"]))


class Parser:
    """Reads what ``write`` writes; ``words`` tells the kinds of the words."""

    def __init__(self, words):
        self.words = words

    def parse(self, text):
        self.tokens = text.split()
        sentence = {"evidence": self.tokens.pop(0)[1:-1]}
        if self.tokens[0] == "after":
            self.tokens.pop(0)
            sentence["before"] = self.clause(True)
            sentence["relation"] = "other" if "subject" in sentence["before"] else "same"
            self.tokens.pop(0)
        sentence["main"] = self.clause(False)
        return sentence

    def take(self, *choices):
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in choices else None

    def phrase(self):
        pronoun = self.take(*PRONOUNS)
        if pronoun:
            return {"pronoun": pronoun}
        phrase = {"known": self.tokens.pop(0) == "the", "number": "sg"}
        if self.tokens[0].isdigit():
            phrase["number"] = int(self.tokens.pop(0))
        else:
            phrase["number"] = {"both": "two", "many": "pl", None: "sg"}[self.take("both", "many")]
        owner = self.take(*OWNERS)
        if owner:
            phrase["owner"] = owner
        if self.words[self.tokens[0]]["kind"] == "adjective":
            phrase["adjective"] = self.tokens.pop(0)
        phrase["noun"] = self.tokens.pop(0)
        if self.take("of"):
            phrase["of"] = self.phrase()
        return phrase

    def clause(self, before):
        clause = {}
        if self.tokens[0] in (*PRONOUNS, "the"):
            clause["subject"] = self.phrase()
        if not before:
            auxiliary = self.tokens.pop(0)
            clause["tense"] = next(tense for tense, word in AUXILIARIES.items() if word == auxiliary)
        clause["negative"] = bool(self.take("not"))
        clause["verb"] = self.tokens.pop(0)
        if self.tokens and self.tokens[0] in (*PRONOUNS, "a", "the"):
            clause["object"] = self.phrase()
        while self.tokens and self.tokens[0] in ("to", "with", "at"):
            role = self.tokens.pop(0)
            clause[role] = self.phrase()
        return clause
