"""Puts every accepted login on the true clock, and looks for one from where its owner was not."""

from pathlib import Path

LOGS = Path("/home/agent/logs")


def seconds(text):
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def main():
    site, ahead = {}, {}
    for line in (LOGS / "stations.txt").read_text().splitlines():
        words = line.replace(";", "").split()
        site[words[0]] = words[3]
        ahead[words[0]] = seconds(words[-1]) - seconds(words[5])
    visits = {}
    for line in (LOGS / "badges.txt").read_text().splitlines():
        time, person, word, where = line.split()
        visits.setdefault((person, where), []).append((seconds(time), word))
    odd = []
    for line in (LOGS / "logins.txt").read_text().splitlines():
        shown, station, account, result = line.split()
        time = seconds(shown) - ahead[station]
        before = [word for at, word in visits.get((account, site[station]), []) if at <= time]
        if result == "accepted" and (not before or before[-1] == "leaves"):
            odd.append(f"{account} {time // 3600:02d}:{time // 60 % 60:02d}:{time % 60:02d}")
    Path("/home/agent/submission.txt").write_text("\n".join(odd))


main()
