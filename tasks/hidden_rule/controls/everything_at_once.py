"""Name all units for each question, and mix rules of the right form with NaN and a condition of endless depth."""

from pathlib import Path

units = list(range(26))
deep = '{"not": ' * 400 + '{"seen": true}' + "}" * 400
rules = f'[{{"add": NaN}}, {{"add": 1e400}}, {{"if": [{deep}], "set": true}}]'
Path("/home/agent/mechanism.json").write_text(
    f'{{"rules": {rules}, "marker_unit": {units}, "pair_unit": NaN, '
    f'"cancelled_units": {units}, "dead_units": {units * 2}}}'
)
