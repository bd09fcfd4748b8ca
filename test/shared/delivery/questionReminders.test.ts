// The times at which the app asks persons, and asks again.
import fc from 'fast-check';
import { dueQuestions, type AskedQuestion } from '../../../shared/delivery/rules/questionReminders.ts';

const START = Date.parse('2026-01-05T08:00:00Z');
const at = (minute: number): string => new Date(START + minute * 60_000).toISOString();
const PAUSE = 15;

test('a question goes out at once and after each pause, and its end goes out once [TRG-5]', () => {
  /** The open questions at each check, one check a minute. */
  const checks = fc.array(fc.subarray(['a', 'b', 'c']), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(checks, (rounds) => {
      let open: readonly AskedQuestion[] = [];
      const since = new Map<string, number>();
      for (const [minute, standing] of rounds.entries()) {
        const due = dueQuestions(
          open,
          standing.map((key) => ({ key, title: key, subject: key })),
          at(minute),
          PAUSE,
        );
        for (const key of ['a', 'b', 'c']) {
          const stood = since.get(key);
          const asked = due.toAsk.find((askedQuestion) => askedQuestion.key === key);
          if (!standing.includes(key)) {
            expect(due.ended.some((askedQuestion) => askedQuestion.key === key)).toBe(stood !== undefined);
            since.delete(key);
          } else if (stood === undefined) {
            expect(asked?.times).toBe(1);
            since.set(key, minute);
          } else
            expect(asked?.times).toBe(
              (minute - stood) % PAUSE === 0 ? (minute - stood) / PAUSE + 1 : undefined,
            );
        }
        open = due.open;
      }
    }),
    { numRuns: 200 },
  );
});
