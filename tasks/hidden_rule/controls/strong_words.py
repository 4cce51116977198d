"""Try each word alone, and hand in the four that raise the output most: what a universal perturbation does."""

import sys

sys.path.insert(0, "/home/agent/solution")
import trigger

net, messages = trigger.load()
gains = {word: trigger.effect(net, messages, {0: word, 3: word}) for word in range(len(net.words))}
best = sorted(gains, key=lambda word: -gains[word])[:4]
trigger.hand_in(net, dict(enumerate(best)))
