// How much of it was accepted with its effect seen, by method; a fuzz of which nearly all is
// refused shows little.
import type { Played } from './play.ts';

interface Share {
  readonly cases: number;
  readonly accepted: number;
  readonly changes: number;
}

/** What is the same for everybody is no effect. */
const isAccepted = ({ seen }: Played): boolean => seen !== null && seen !== 'same';

const shareOf = (played: readonly Played[]): Share => ({
  cases: played.length,
  accepted: played.filter(isAccepted).length,
  changes: played.filter(({ seen }) => seen === 'change').length,
});
const by = <T>(
  played: readonly Played[],
  key: (one: Played) => string,
  of: (some: readonly Played[]) => T,
): Readonly<Record<string, T>> =>
  Object.fromEntries(
    [...Map.groupBy(played, key)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, some]) => [name, of(some)]),
  );

export const figures = (played: readonly Played[]) => ({
  all: shareOf(played),
  doors: by(played, ({ door }) => door, shareOf),
  methods: by(played, ({ method }) => method, shareOf),
  drawn: by(played, ({ how }) => (how === 'meant' || how === 'wild' ? how : 'bent'), shareOf),
  refused: by(
    played.filter(({ seen }) => seen === null),
    ({ answer }) => answer,
    (some) => some.length,
  ),
  bent: by(
    played.filter(({ how }) => how !== 'meant' && how !== 'wild'),
    ({ how }) => how,
    (some) => some.length,
  ),
});

const LEAST = 1 / 3;
const LEAST_CHANGES = 1 / 6;
/** Of each method, and of the queue. */
const LEAST_OF_EACH = 1 / 5;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'queue'];

export function tooFew(played: readonly Played[]): readonly string[] {
  const {
    all: { cases, accepted, changes },
  } = figures(played);
  return [
    ...(accepted < cases * LEAST
      ? [`Only ${accepted} of ${cases} were accepted with their effect seen.`]
      : []),
    ...(changes < cases * LEAST_CHANGES ? [`Only ${changes} of ${cases} changed anything.`] : []),
  ];
}

/** Of a long run: each method by itself, and each route at least once. */
export function tooFewOfSome(played: readonly Played[], routes: readonly string[]): readonly string[] {
  const seen = new Set(played.filter(({ seen: effect }) => effect !== null).map(({ route }) => route));
  const thin = METHODS.filter((method) => {
    const { cases, accepted } = figures(played).methods[method] ?? { cases: 0, accepted: 0 };
    return cases === 0 || accepted < cases * LEAST_OF_EACH;
  });
  return [
    ...tooFew(played),
    ...thin.map((method) => `Of ${method} too few were accepted.`),
    ...routes.filter((route) => !seen.has(route)).map((route) => `${route} was never accepted.`),
  ];
}
