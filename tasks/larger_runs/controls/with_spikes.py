"""The reference for curve_end without care for spikes: plain least squares."""

from common import hand_in, module, read

curve_end = module("curve_end")
curve_end.robust = lambda residuals, points, start: module("least_squares").fit(lambda p: residuals(p, points), start)
power, rest = curve_end.learn(read("complete.jsonl"))
hand_in({run["run"]: curve_end.finish(run, power, rest) for run in read("begun.jsonl")})
