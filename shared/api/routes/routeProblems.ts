// Lists the possible problems of a route: its own problems, and the problems of every route of its
// kind.
import type { RouteDescription, ProblemCode } from './routeDescription.ts';

const PROBLEMS_OF_ALL: readonly ProblemCode[] = [
  '503 Unavailable',
  '503 StoreUnavailable',
  '503 DocumentTooNew',
  '503 SettingsInvalid',
];
const PROBLEMS_WITH_ROLE: readonly ProblemCode[] = [
  '400 Invalid',
  '401 TokenMissing',
  '401 TokenRefused',
  '403 RoleMissing',
  '429 TooManyRequests',
  '503 SignInUnavailable',
];
const PROBLEMS_WITH_BODY: readonly ProblemCode[] = [
  '400 NameTwice',
  '400 NotJson',
  '400 TooDeep',
  '413 BodyTooLarge',
  '415 ContentTypeUnknown',
  '422 TooLargeToStore',
];

/** The possible problem codes, by status. */
export function problemsOf(
  { body, problems = [] }: RouteDescription,
  isOpen: boolean,
): ReadonlyMap<number, readonly string[]> {
  const codes = [
    ...PROBLEMS_OF_ALL,
    ...(isOpen ? [] : PROBLEMS_WITH_ROLE),
    ...(body ? PROBLEMS_WITH_BODY : []),
    ...problems,
  ].map((statusAndCode) => statusAndCode.split(' ') as [string, string]);
  const byStatus = Map.groupBy(codes, ([status]) => Number(status));
  return new Map(
    [...byStatus].map(([status, codesOfStatus]) => [
      status,
      [...new Set(codesOfStatus.map(([, code]) => code))].sort(),
    ]),
  );
}
