// Counts the accepted requests with a checked effect, by method. A fuzz with mostly refused
// requests shows little.
import type { SeedResult } from './run-seeds.ts';

interface Share {
  readonly cases: number;
  readonly accepted: number;
  readonly changes: number;
}

/** An answer that is the same for every caller is no effect. */
const isAccepted = ({ effect }: SeedResult): boolean => effect !== null && effect !== 'same';

const shareOf = (played: readonly SeedResult[]): Share => ({
  cases: played.length,
  accepted: played.filter(isAccepted).length,
  changes: played.filter(({ effect }) => effect === 'change').length,
});
const groupBy = <T>(
  played: readonly SeedResult[],
  key: (seedResult: SeedResult) => string,
  of: (group: readonly SeedResult[]) => T,
): Readonly<Record<string, T>> =>
  Object.fromEntries(
    [...Map.groupBy(played, key)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, results]) => [name, of(results)]),
  );

export const summarize = (played: readonly SeedResult[]) => ({
  all: shareOf(played),
  triggers: groupBy(played, ({ trigger }) => trigger, shareOf),
  methods: groupBy(played, ({ method }) => method, shareOf),
  drawn: groupBy(
    played,
    ({ distortion }) => (distortion === 'meant' || distortion === 'wild' ? distortion : 'bent'),
    shareOf,
  ),
  refused: groupBy(
    played.filter(({ effect }) => effect === null),
    ({ answer }) => answer,
    (results) => results.length,
  ),
  bent: groupBy(
    played.filter(({ distortion }) => distortion !== 'meant' && distortion !== 'wild'),
    ({ distortion }) => distortion,
    (results) => results.length,
  ),
});

const MIN_ACCEPTED_SHARE = 1 / 3;
const MIN_CHANGED_SHARE = 1 / 8;
/** The minimum for each method and for the queue. */
const MIN_ACCEPTED_SHARE_OF_METHOD = 1 / 5;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'queue'];

export function findTooFewAccepted(played: readonly SeedResult[]): readonly string[] {
  const {
    all: { cases, accepted, changes },
  } = summarize(played);
  return [
    ...(accepted < cases * MIN_ACCEPTED_SHARE
      ? [`Only ${accepted} of ${cases} were accepted with their effect seen.`]
      : []),
    ...(changes < cases * MIN_CHANGED_SHARE ? [`Only ${changes} of ${cases} changed anything.`] : []),
  ];
}

/** Checks a long run: each method separately, and each route at least once. */
export function findTooFewPerMethod(
  played: readonly SeedResult[],
  routes: readonly string[],
): readonly string[] {
  const seen = new Set(played.filter(({ effect }) => effect !== null).map(({ route }) => route));
  const thin = METHODS.filter((method) => {
    const { cases, accepted } = summarize(played).methods[method] ?? { cases: 0, accepted: 0 };
    return cases === 0 || accepted < cases * MIN_ACCEPTED_SHARE_OF_METHOD;
  });
  return [
    ...findTooFewAccepted(played),
    ...thin.map((method) => `Of ${method} too few were accepted.`),
    ...routes.filter((route) => !seen.has(route)).map((route) => `${route} was never accepted.`),
  ];
}
