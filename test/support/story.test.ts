// Tests of the helper for stories: the order of the steps, their number, and failed steps.
import { story } from './story.ts';

interface Registered {
  readonly name: string;
  readonly play: () => Promise<void>;
  readonly timeoutMs: number;
}

/** The tests that a story registers, by name. They run only when a test plays them. */
function recordStory(tell: (step: ReturnType<typeof story>, log: string[]) => void) {
  const registered = new Map<string, Registered>();
  const log: string[] = [];
  tell(
    story((name, play, timeoutMs) => registered.set(name, { name, play, timeoutMs })),
    log,
  );
  const play = (name: string): Promise<void> =>
    registered.get(name)?.play() ?? Promise.reject(new Error(`The story has no step ${name}.`));
  return { log, play, timeouts: [...registered.values()].map(({ timeoutMs }) => timeoutMs) };
}
const NAMES = ['one', 'two', 'three', 'four'];
const fourSteps = () =>
  recordStory((step, log) => {
    for (const name of NAMES)
      step(name, async () => {
        log.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        log.push(`${name} ends`);
      });
  });
const WHOLE = NAMES.flatMap((name) => [`${name} begins`, `${name} ends`]);

/** Every order of the names. */
const ordersOf = (names: readonly string[]): string[][] =>
  names.length === 0
    ? [[]]
    : names.flatMap((name) =>
        ordersOf(names.filter((other) => other !== name)).map((rest) => [name, ...rest]),
      );

test('a step plays the earlier steps in the order of the file, and no later step', async () => {
  const { log, play } = fourSteps();
  await play('three');
  expect(log).toEqual(WHOLE.slice(0, 6));
});

test('each step runs once, whatever the order of the tests', async () => {
  expect(ordersOf(NAMES)).toHaveLength(24);
  for (const order of ordersOf(NAMES)) {
    const { log, play } = fourSteps();
    for (const name of order) await play(name);
    expect([order, log]).toEqual([order, WHOLE]);
  }
});

test('a test that runs at the same time as its own step waits for its end', async () => {
  const { log, play } = fourSteps();
  await Promise.all([play('two'), play('four'), play('two')]);
  expect(log).toEqual(WHOLE);
});

test('a failed step fails the later steps with its reason, and none of them plays', async () => {
  const reason = new Error('The disk is gone.');
  const { log, play } = recordStory((step, log) => {
    step('one', () => log.push('one'));
    step('two', () => {
      throw reason;
    });
    step('three', () => log.push('three'));
    step('four', () => log.push('four'));
  });
  for (const name of ['four', 'three'])
    await expect(play(name)).rejects.toMatchObject({
      message: 'The step "two" failed before this one.',
      cause: reason,
    });
  await expect(play('two')).rejects.toBe(reason);
  await play('one');
  expect(log).toEqual(['one']);
});

test('a step that needs none plays alone, and a later step needs it', async () => {
  const { log, play } = recordStory((step, log) => {
    step.alone('one', () => log.push('one'));
    step.alone('two', () => log.push('two'));
    step('three', () => log.push('three'));
  });
  await play('two');
  expect(log).toEqual(['two']);
  await play('three');
  expect(log).toEqual(['two', 'one', 'three']);
});

test('the time-out of a step covers all steps before it', () => {
  const { timeouts } = recordStory((step) => {
    step('one', () => undefined, 10);
    step('two', () => undefined);
    step.alone('three', () => undefined, 5);
    step('four', () => undefined, 7);
  });
  const [, two = 0] = timeouts;
  expect(two).toBeGreaterThan(10_000);
  expect(timeouts).toEqual([10, two, 5, two + 5 + 7]);
});

describe('a table of steps', () => {
  const step = story();
  const log: string[] = [];
  step('the first step', () => log.push('first'));
  step.each([
    ['a', 1],
    ['b', 2],
  ])('a row as an array: %s', (letter, figure) => {
    log.push(`${letter}${figure}`);
    expect(log).toEqual(['first', 'a1', 'b2'].slice(0, log.length));
    expect(expect.getState().currentTestName).not.toContain('%s');
  });
  step.each([{ letter: 'c' }, { letter: 'd' }])('a row as an object: $letter', ({ letter }) => {
    log.push(letter);
    expect(expect.getState().currentTestName).not.toContain('$letter');
  });
  step('the last step comes after every row', () => expect(log).toEqual(['first', 'a1', 'b2', 'c', 'd']));
});
