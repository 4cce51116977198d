"""Fits a constant and a power of the tokens to each begun run, and does not see what the rate does."""

from common import hand_in, module, read

curve_end = module("curve_end")
power, _ = curve_end.learn([run for run in read("complete.jsonl") if run["schedule"] == "constant"])
hand_in({run["run"]: curve_end.finish(run, power, 0.0) for run in read("begun.jsonl")})
