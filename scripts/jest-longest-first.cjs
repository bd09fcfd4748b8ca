// A test that starts the app takes long, however short its file is: those go first, so that at the end no worker is left alone with one of them.
const Sequencer = require('@jest/test-sequencer').default;

const FIRST = ['/test/chaos/', '/test/fuzz/', '/test/scenarios/', '/test/docs/readme'];
const placeOf = ({ path }) => {
  const place = FIRST.findIndex((part) => path.includes(part));
  return place < 0 ? FIRST.length : place;
};

module.exports = class extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => placeOf(a) - placeOf(b));
  }
};
