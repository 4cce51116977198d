"""Takes the mean fall of complete runs from 40 % to the end for the fall of each begun run, whatever its schedule."""

from common import hand_in, read, steady

ratios = []
for run in read("complete.jsonl"):
    begun = {**run, "curve": run["curve"][:60]}
    ratios.append(steady(run) / steady(begun))
ratio = sum(ratios) / len(ratios)
hand_in({run["run"]: ratio * steady(run) for run in read("begun.jsonl")})
