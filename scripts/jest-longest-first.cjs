// Runs the tests that start the app first, because they take long even with a short file. So no
// worker runs such a test alone at the end.
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
