// What is looked at, kept in the address behind the hash, so that a view can be linked and gone back to.

const WRITE_AFTER = 150;

const state = {
  now: new URLSearchParams(location.hash.slice(1)),
  seen: location.hash,
  timer: 0,

  get(key) {
    return this.now.get(key) ?? "";
  },

  has(key) {
    return this.now.has(key);
  },

  // The hash of a view: what there is now, with these changes; null and "" take a key away.
  hash(changes) {
    return `#${this.with_(changes)}`;
  },

  with_(changes) {
    const changed = new URLSearchParams(this.now);
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === "") changed.delete(key);
      else changed.set(key, value);
    }
    return changed;
  },

  // Note a change of the view without going anywhere: what a person types is no step of its own. The address follows
  // when there is a pause, as browsers refuse to change it too often.
  note(changes) {
    this.now = this.with_(changes);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      // Where a person has gone somewhere in the meantime, that counts.
      if (location.hash === this.seen) history.replaceState(null, "", `#${this.now}`);
      this.seen = location.hash;
    }, WRITE_AFTER);
  },

  // Take over the address that a person has gone to.
  arrive() {
    clearTimeout(this.timer);
    this.now = new URLSearchParams(location.hash.slice(1));
    this.seen = location.hash;
  },
};

// What names one view or one place in it; filters and orders stay when it changes.
const PLACES = { run: null, pair: null, event: null, left: null, right: null, at: null };
