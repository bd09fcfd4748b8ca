// The order of events, and the time limit of their delivery.
import fc from 'fast-check';
import {
  compareEventPositions,
  isGivenUp,
  EventSection,
  secondsToNextTry,
  type EventPosition,
} from '../../../shared/outbox/rules/events.ts';

/**
 * Two epochs of a job with two phases on three VMs in real order. The events of a step mix with the
 * other steps of its phase.
 */
const jobEvents = fc.gen().map((draw): EventPosition[] => {
  const pick = <T>(list: T[]): T => list.splice(draw(fc.nat, list.length - 1), 1)[0] as T;
  const positions: EventPosition[] = [];
  for (const epoch of [1, 2]) {
    for (const change of [0, 1, 2])
      positions.push({ epoch, part: EventSection.begin, phase: 0, step: '', change });
    for (const phase of [0, 1]) {
      const open = ['a', 'b', 'c'].flatMap((step) => Array<string>(3).fill(step));
      const changes = new Map<string, number>();
      while (open.length > 0) {
        const step = pick(open);
        changes.set(step, (changes.get(step) ?? 0) + 1);
        positions.push({ epoch, part: EventSection.steps, phase, step, change: changes.get(step) ?? 0 });
      }
    }
  }
  return [...positions, { epoch: 2, part: EventSection.end, phase: 0, step: '', change: 0 }];
});

/** Whether the first event had to happen before the second. */
const before = (a: EventPosition, b: EventPosition): boolean =>
  a.epoch < b.epoch ||
  (a.epoch === b.epoch &&
    (a.part < b.part ||
      (a.part === b.part &&
        (a.phase < b.phase || (a.phase === b.phase && a.step === b.step && a.change < b.change)))));

test('in any reading order, no event precedes an event that happened before it [TRG-5]', () => {
  const shuffled = jobEvents.chain((positions) =>
    fc.shuffledSubarray(positions, { minLength: positions.length }),
  );
  fc.assert(
    fc.property(shuffled, (found) => {
      const sorted = found.toSorted(compareEventPositions);
      for (let later = 0; later < sorted.length; later++) {
        for (let earlier = 0; earlier < later; earlier++)
          expect(before(sorted[later] as EventPosition, sorted[earlier] as EventPosition)).toBe(false);
      }
    }),
    { numRuns: 50 },
  );
});

test('the pauses grow, to an hour at most, and the receiver may request longer ones [TRG-5]', () => {
  expect([1, 2, 3, 4, 9, 10, 50].map((failures) => secondsToNextTry(failures, null))).toEqual([
    10, 20, 40, 80, 2560, 3600, 3600,
  ]);
  expect(secondsToNextTry(1, 45)).toBe(45);
  expect(secondsToNextTry(5, 45)).toBe(160);
  fc.assert(
    fc.property(fc.nat(1e6), fc.option(fc.nat(1e9)), (failures, asked) => {
      const pause = secondsToNextTry(failures, asked);
      expect(pause).toBeGreaterThanOrEqual(10);
      expect(pause).toBeLessThanOrEqual(3600);
      expect(secondsToNextTry(failures + 1, asked)).toBeGreaterThanOrEqual(pause);
    }),
  );
});

test('the relay gives up after the configured hours, not before [TRG-5]', () => {
  const since = new Date('2026-01-05T08:00:00Z');
  expect(isGivenUp(since, new Date('2026-01-06T07:59:59Z'), 24)).toBe(false);
  expect(isGivenUp(since, new Date('2026-01-06T08:00:00Z'), 24)).toBe(true);
});
