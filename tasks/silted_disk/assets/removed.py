"""The case of the task ``removed``: a disk with a history of removals, and which of them can still be undone."""

import random
import zlib

from silt import BLOCK, ENTRY, RECORD, Disk
from texts import contents, name

ACCOUNTS = range(1, 7)


class Story:
    """Writes a history onto a disk."""

    def __init__(self, rng):
        self.rng, self.disk, self.used = rng, Disk(2), set()
        self.time = 40_000_000 + rng.randrange(1_000_000)
        self.scenes = {"plain": [], "stale": [], "reserved": [], "older": []}

    def who(self):
        self.time += self.rng.randint(40, 4000)
        return self.rng.choice(ACCOUNTS), self.rng.randint(100, 999), self.time

    def make(self, size, kind=None, reserve=0):
        kind = kind or self.rng.choice(["txt", "csv", "bin"])
        data = contents(self.rng, kind, size)
        return self.disk.make(name(self.rng, self.used, kind), data, *self.who(), reserve=reserve)

    def size(self, blocks):
        """Return a size that needs so many blocks."""
        return self.rng.randint((blocks - 1) * BLOCK + 30, blocks * BLOCK - 20)

    def drop(self, file):
        self.disk.drop(file, *self.who())

    def some(self, count, low=1, high=6):
        return [self.make(self.size(self.rng.randint(low, high))) for _ in range(count)]

    def plain(self):
        """Files that go and leave everything, some of them grown in turns so that their blocks lie apart."""
        for file in self.some(2, 2, 5):
            self.disk.grow(file, contents(self.rng, file.name[-3:], self.size(2)), *self.who())
            self.some(1, 1, 2)
            self.disk.grow(file, contents(self.rng, file.name[-3:], self.size(1)), *self.who())
            self.scenes["plain"].append(file)
        self.some(1)
        for file in self.scenes["plain"]:
            self.drop(file)

    def stale(self):
        """Files whose entries are taken by others, so that only a former directory block has them."""
        files = self.some(4, 3, 6)
        self.disk.pack(*self.who())
        for file in files:
            self.drop(file)
            self.scenes["stale"].append(file)
        self.disk.pack(*self.who())

    def reserved(self):
        """A removed file's last blocks go to a file that was given more blocks than it has written."""
        files, tops = self.some(3, 4, 6), self.some(3, 1, 2)
        for file, top in zip(files, tops, strict=True):
            self.drop(file)
            self.drop(top)
            self.make(self.size(len(top.chain)), reserve=self.rng.randint(1, 3))
            self.scenes["reserved"].append(file)

    def older(self):
        """A removed file's last blocks are lost, but an older version had the same bytes there."""
        files = self.some(3, 5, 7)
        tops = [self.make(self.size(len(file.chain))) for file in files]
        for file, top in zip(files, tops, strict=True):
            self.drop(top)
            data = bytearray(file.data)
            at = self.rng.randint(20, BLOCK - 60)
            data[at : at + 12] = b"%12d" % self.rng.randrange(10**11)
            self.disk.save(file, bytes(data), *self.who())
        for file in files:
            self.drop(file)
            self.make(self.size(self.rng.randint(1, len(file.chain) - 3)))
            self.scenes["older"].append(file)

    def lost(self):
        """Files that go and are written over."""
        files = self.some(3, 2, 4)
        for file in files:
            self.drop(file)
        self.make(sum(len(file.data) for file in files) - 200)


def evidence(disk, image):
    """Return ``{file number: {(written, size, crc)}}`` of all entries and records that are left in the image."""
    found = {}
    free = set(disk.free_blocks())
    for block in [*disk.directory, *sorted(free)]:
        for at in range(block * BLOCK, block * BLOCK + BLOCK, 64):
            flag, account, text, _, size, number, _, written, crc, _ = ENTRY.unpack_from(image, at)
            if flag in (1, 2) and account in ACCOUNTS and text.rstrip(b"\0").isascii() and 0 < number < disk.number:
                found.setdefault(number, set()).add((written, size, crc))
    for place in range(8 * disk.journal_blocks):
        fields = RECORD.unpack_from(image, disk.journal_first * BLOCK + 64 * place)
        if fields[2]:
            found.setdefault(fields[2], set()).add((0, fields[3], fields[4]))
    return found


def survives(disk, image, file):
    """Return whether each block of a removed file's contents is still somewhere outside the live contents."""
    places = list(disk.free_blocks())
    for other in disk.files.values():
        places += other.chain[-(-len(other.data) // BLOCK) :]
    pieces = [file.data[at : at + BLOCK] for at in range(0, len(file.data), BLOCK)]
    return all(any(image[b * BLOCK : b * BLOCK + len(piece)] == piece for b in places) for piece in pieces)


def draw(rng):
    """Return ``(disk, image, scenes)`` of one history."""
    story = Story(rng)
    story.some(4, 1, 4)
    # Freed blocks are the first to be taken again. A large file that goes after each scene keeps the next off it.
    covers = [story.make(story.size(n)) for n in (30, 42, 36, 34)]
    parts = [story.lost, story.older, story.reserved, story.plain]
    rng.shuffle(parts)
    for part, cover in zip([story.stale, *parts], [*covers, None], strict=True):
        story.some(1, 1, 3)
        part()
        if cover:
            story.drop(cover)
    for file in story.some(2, 2, 4):
        story.drop(file)
        story.scenes["plain"].append(file)
    return story.disk, story.disk.finish(), story.scenes


def case(seed):
    """Return ``(image, {name: contents})`` with several recoverable files of each scene, and some lost ones."""
    rng = random.Random(f"{seed}:removed")
    while True:
        try:
            disk, image, scenes = draw(rng)
        except RuntimeError:
            continue
        known, answer, fair = evidence(disk, bytes(image)), {}, True
        for number, file in disk.removed.items():
            last = (len(file.data), zlib.crc32(file.data))
            marks = {entry[1:] for entry in known.get(number, ())}
            if survives(disk, image, file) and last in marks:
                answer[file.name] = file.data
            elif marks and last not in marks:
                fair = False
        per_scene = [sum(file.name in answer for file in files) for files in scenes.values()]
        if fair and min(per_scene) >= 2 and 9 <= len(answer) <= 13 and len(disk.removed) - len(answer) >= 5:
            return image, answer
