"""Knows the stems and the affixes, and joins them without any change of sounds where they meet."""

import json
import sys

sys.path.insert(0, "/home/agent/solution")
import chronicle
import grammar
import letters


def join(stem, suffix, _trace=None):
    return stem + suffix


work = chronicle.Work() if sys.argv[1] == "chronicle" else letters.material()
grammar.attach = join
if sys.argv[1] == "chronicle":
    work.language.cache_clear()
    work.reader.cache_clear()
    answer = work.answer()
else:
    answer = letters.answer(work)
(letters.HOME / "answer.json").write_text(json.dumps(answer))
