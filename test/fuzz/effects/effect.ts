// What every look at an effect needs.
import type { Draw } from '../draw.ts';
import type { Case } from '../drawing.ts';
import type { Known } from '../names.ts';
import type { Stage } from '../stage.ts';
import type { Answer } from '../wire.ts';

/**
 * `change`: something is other than before, as it was asked for. `repeat`: it was so before.
 * `look`: it was told rightly what is so. `same`: a look at what is the same for everybody.
 */
export type Seen = 'change' | 'repeat' | 'look' | 'same';

export interface Accepted {
  readonly stage: Stage;
  readonly drawn: Case;
  readonly answer: Answer;
  /** What there was before. */
  readonly before: Known;
  /** Places in the store that are other than before. */
  readonly changed: readonly string[];
}

export type Effect = (accepted: Accepted) => Seen | Promise<Seen>;

export class Untrue extends Error {}

export function must(holds: boolean, what: string, ...facts: readonly unknown[]): void {
  const shown = (fact: unknown): string =>
    fact === undefined ? 'nothing' : JSON.stringify(fact).slice(0, 1500);
  if (!holds) throw new Untrue([what, ...facts.map(shown)].join(' '));
}

/** In one order, and with what is not there told apart from null. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) =>
    one === undefined
      ? { nothing: true }
      : typeof one === 'object' && one !== null && !Array.isArray(one)
        ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
        : one,
  );

export const mustBeSame = (found: unknown, expected: unknown, what: string): void =>
  must(canonical(found) === canonical(expected), `${what}: found and expected differ.`, found, expected);

/** What was sent is what is kept, but for the blanks around texts and for what was left out. */
export function isKept(sent: unknown, kept: unknown): boolean {
  if (typeof sent === 'string') return typeof kept === 'string' && kept.trim() === sent.trim();
  if (Array.isArray(sent))
    return Array.isArray(kept) && sent.length === kept.length && sent.every((one, i) => isKept(one, kept[i]));
  if (typeof sent === 'object' && sent !== null)
    return (
      typeof kept === 'object' &&
      kept !== null &&
      Object.entries(sent).every(([key, one]) =>
        one === undefined ? true : isKept(one, (kept as Record<string, unknown>)[key]),
      )
    );
  return Object.is(sent, kept) || (sent === 0 && kept === 0);
}

/** What went over the wire, as JSON reads it; a mark before it says only that it is UTF-8. */
export const bodyOf = ({ drawn }: Accepted): unknown =>
  drawn.sent.body === undefined || drawn.sent.body.length === 0
    ? undefined
    : JSON.parse(drawn.sent.body.toString().replace(/^\ufeff/, ''));

export const partsOf = ({ drawn }: Accepted): Readonly<Record<string, string>> => drawn.params;

export const typesIn = (changed: readonly string[]): ReadonlySet<string> =>
  new Set(changed.map((place) => place.split(' ').at(-1) ?? ''));

export async function read<T>({ stage }: Accepted, address: string, status = 200): Promise<T> {
  const answer = await stage.get(address);
  must(
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

/** The same question, and another place in its answers: whoever has one token can make others. */
function tampered(token: string, draw: Draw): string {
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

/** Page after page of the same question: each thing once, and in all as many as on one page. */
export async function mustGoOn(
  accepted: Accepted,
  list: string,
  keyOf: (one: unknown) => string,
): Promise<void> {
  const { drawn, answer } = accepted;
  const asked = drawn.query.filter(([name]) => name !== 'limit' && name !== 'continuation');
  const addressOf = (more: readonly (readonly [string, string])[]): string =>
    `${drawn.sent.address.split('?')[0] ?? ''}?${[...asked, ...more].map(parameter).join('&')}`;
  const limit = drawn.query.find(([name]) => name === 'limit')?.[1];
  const limited = limit === undefined ? [] : [['limit', limit] as const];
  const found: string[] = [];
  let page = answer.body as Page;
  for (let pages = 0; ; pages += 1) {
    must(pages < 200, 'The pages have no end.');
    found.push(...(page[list] as unknown[]).map(keyOf));
    if (page.next === null) break;
    page = await read<Page>(accepted, addressOf([...limited, ['continuation', page.next]]));
  }
  const whole: string[] = [];
  page = await read<Page>(accepted, addressOf([['limit', '500']]));
  for (;;) {
    whole.push(...(page[list] as unknown[]).map(keyOf));
    if (page.next === null) break;
    page = await read<Page>(
      accepted,
      addressOf([
        ['limit', '500'],
        ['continuation', page.next],
      ]),
    );
  }
  mustBeSame(new Set(found).size, found.length, 'A page tells again what another has told');
  mustBeSame(found, whole, 'Page by page');
  const { next } = answer.body as Page;
  if (next === null) return;
  const other = await accepted.stage.get(
    addressOf([...limited, ['continuation', tampered(next, drawn.draw)]]),
  );
  must(
    other.status === 200 || other.status === 400,
    `A continuation that was tampered with was answered ${other.status}.`,
    other.text.slice(0, 300),
  );
}
