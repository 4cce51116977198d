// What is looked at, kept in the address behind the hash, so that a view can be linked and gone back to.

const state = {
  read() {
    return new URLSearchParams(location.hash.slice(1));
  },

  get(key) {
    return this.read().get(key) ?? "";
  },

  // The hash of a view: what there is now, with these changes; null and "" take a key away.
  hash(changes, { keep = true } = {}) {
    const now = keep ? this.read() : new URLSearchParams();
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === "") now.delete(key);
      else now.set(key, value);
    }
    return `#${now}`;
  },

  // Note a change of the view without going anywhere: what a person types is no step of its own.
  note(changes) {
    history.replaceState(null, "", this.hash(changes));
  },

  go(changes, options) {
    location.hash = this.hash(changes, options);
  },
};

// What names one view or one place in it; filters and orders stay when it changes.
const PLACES = { run: null, pair: null, event: null, left: null, right: null, at: null };
