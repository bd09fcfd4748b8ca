// Which problems a route may answer with: those of its own, and those that every route of its kind has.
import type { Described, ProblemCode } from './described.ts';

const OF_ALL: readonly ProblemCode[] = [
  '503 Unavailable',
  '503 StoreUnavailable',
  '503 DocumentTooNew',
  '503 SettingsInvalid',
];
const BEHIND_A_ROLE: readonly ProblemCode[] = [
  '400 Invalid',
  '401 TokenMissing',
  '401 TokenRefused',
  '403 RoleMissing',
  '429 TooManyRequests',
  '503 SignInUnavailable',
];
const WITH_A_BODY: readonly ProblemCode[] = [
  '400 NotJson',
  '400 TooDeep',
  '413 BodyTooLarge',
  '415 ContentTypeUnknown',
  '422 TooLargeToStore',
];

/** The codes of each status. */
export function problemsOf(
  { body, problems = [] }: Described,
  isOpen: boolean,
): ReadonlyMap<number, readonly string[]> {
  const all = [...OF_ALL, ...(isOpen ? [] : BEHIND_A_ROLE), ...(body ? WITH_A_BODY : []), ...problems].map(
    (one) => one.split(' ') as [string, string],
  );
  const byStatus = Map.groupBy(all, ([status]) => Number(status));
  return new Map(
    [...byStatus].map(([status, its]) => [status, [...new Set(its.map(([, code]) => code))].sort()]),
  );
}
