// Common helpers for all checks of effects.
import type { RandomDraw } from '../random-draw.ts';
import type { FuzzCase } from '../draw-case.ts';
import type { KnownState } from '../known-state.ts';
import type { FuzzEnvironment } from '../fuzz-environment.ts';
import type { RawAnswer } from '../raw-client.ts';

/**
 * `change`: the request changed the state as asked. `repeat`: the state was already so. `look`: the
 * answer reports the true state. `same`: the answer is the same for every caller.
 */
export type EffectKind = 'change' | 'repeat' | 'look' | 'same';

export interface AcceptedCase {
  readonly environment: FuzzEnvironment;
  readonly drawnCase: FuzzCase;
  readonly answer: RawAnswer;
  /** The state before the request. */
  readonly before: KnownState;
  /** Places in the store that changed. */
  readonly changed: readonly string[];
}

export type Effect = (accepted: AcceptedCase) => EffectKind | Promise<EffectKind>;

export class CheckFailure extends Error {}

export function check(holds: boolean, message: string, ...facts: readonly unknown[]): void {
  const textOf = (fact: unknown): string =>
    fact === undefined ? 'nothing' : JSON.stringify(fact).slice(0, 1500);
  if (!holds) throw new CheckFailure([message, ...facts.map(textOf)].join(' '));
}

/** Sorts the keys, and distinguishes a missing value from null. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, entry: unknown) =>
    entry === undefined
      ? { nothing: true }
      : typeof entry === 'object' && entry !== null && !Array.isArray(entry)
        ? Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)))
        : entry,
  );

export const checkSame = (found: unknown, expected: unknown, message: string): void =>
  check(canonical(found) === canonical(expected), `${message}: found and expected differ.`, found, expected);

/** The stored value equals the sent value, apart from blanks around texts and omitted fields. */
export function isStoredAs(sent: unknown, stored: unknown): boolean {
  if (typeof sent === 'string') return typeof stored === 'string' && stored.trim() === sent.trim();
  if (Array.isArray(sent))
    return (
      Array.isArray(stored) &&
      sent.length === stored.length &&
      sent.every((candidate, i) => isStoredAs(candidate, stored[i]))
    );
  if (typeof sent === 'object' && sent !== null)
    return (
      typeof stored === 'object' &&
      stored !== null &&
      Object.entries(sent).every(([key, entry]) =>
        entry === undefined ? true : isStoredAs(entry, (stored as Record<string, unknown>)[key]),
      )
    );
  return Object.is(sent, stored) || (sent === 0 && stored === 0);
}

/** The sent body as JSON reads it. A byte order mark only says that the body is UTF-8. */
export const sentBody = ({ drawnCase }: AcceptedCase): unknown =>
  drawnCase.sent.body === undefined || drawnCase.sent.body.length === 0
    ? undefined
    : JSON.parse(drawnCase.sent.body.toString().replace(/^\ufeff/, ''));

export const pathParameters = ({ drawnCase }: AcceptedCase): Readonly<Record<string, string>> =>
  drawnCase.params;

export const changedTypes = (changed: readonly string[]): ReadonlySet<string> =>
  new Set(changed.map((place) => place.split(' ').at(-1) ?? ''));

export async function readWithStatus<T>(
  { environment }: AcceptedCase,
  address: string,
  status = 200,
): Promise<T> {
  const answer = await environment.get(address);
  check(
    answer.status === status,
    `GET ${address} answered ${answer.status}, not ${status}.`,
    answer.text.slice(0, 300),
  );
  return answer.body as T;
}

const CONTINUATIONS: readonly unknown[] = [
  'x',
  '-1',
  '1e400',
  '99999999999',
  '[]',
  '{}',
  '{"token":"x","range":{"min":"","max":"FF"}}',
  '2026-01',
  '9999-12',
  '0000-00',
  '\u0000',
  '__proto__',
  7,
  null,
  {},
];

/** The same question with another position in its answers: a caller with one token can forge others. */
function tamperWithToken(token: string, draw: RandomDraw): string {
  const read = JSON.parse(Buffer.from(token, 'base64url').toString()) as { readonly continuation: unknown };
  const inner =
    typeof read.continuation === 'string' && draw.chance(0.4)
      ? read.continuation.replace(/[\w-]{2,}/, (text) => draw.pick([text.slice(1), `${text}0`, 'x']))
      : draw.pick(CONTINUATIONS);
  return Buffer.from(JSON.stringify({ ...read, continuation: inner })).toString('base64url');
}

interface Page {
  readonly next: string | null;
  readonly [list: string]: unknown;
}

const parameter = ([name, value]: readonly [string, string]): string =>
  `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;

/**
 * Reads page after page of the same question. Each item appears once, and the total equals one
 * large page.
 */
export async function checkPages(
  accepted: AcceptedCase,
  list: string,
  keyOf: (entry: unknown) => string,
): Promise<void> {
  const { drawnCase, answer } = accepted;
  const otherParameters = drawnCase.query.filter(([name]) => name !== 'limit' && name !== 'continuation');
  const addressOf = (more: readonly (readonly [string, string])[]): string =>
    `${drawnCase.sent.address.split('?')[0] ?? ''}?${[...otherParameters, ...more].map(parameter).join('&')}`;
  const limit = drawnCase.query.find(([name]) => name === 'limit')?.[1];
  const limited = limit === undefined ? [] : [['limit', limit] as const];
  const found: string[] = [];
  let page = answer.body as Page;
  for (let pages = 0; ; pages += 1) {
    check(pages < 200, 'The pages have no end.');
    found.push(...(page[list] as unknown[]).map(keyOf));
    if (page.next === null) break;
    page = await readWithStatus<Page>(accepted, addressOf([...limited, ['continuation', page.next]]));
  }
  const expected: string[] = [];
  page = await readWithStatus<Page>(accepted, addressOf([['limit', '500']]));
  for (;;) {
    expected.push(...(page[list] as unknown[]).map(keyOf));
    if (page.next === null) break;
    page = await readWithStatus<Page>(
      accepted,
      addressOf([
        ['limit', '500'],
        ['continuation', page.next],
      ]),
    );
  }
  checkSame(new Set(found).size, found.length, 'Items that an earlier page contained');
  checkSame(found, expected, 'Page by page');
  const { next } = answer.body as Page;
  if (next === null) return;
  const other = await accepted.environment.get(
    addressOf([...limited, ['continuation', tamperWithToken(next, drawnCase.draw)]]),
  );
  check(
    other.status === 200 || other.status === 400,
    `A continuation that was tampered with was answered ${other.status}.`,
    other.text.slice(0, 300),
  );
}
