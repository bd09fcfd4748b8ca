// Whether an answer is one that may be given: as described, without a word of the inside, and with
// what it says come true.
import { mustKeepContract } from '../support/contract.ts';
import { changes, type Look } from './books.ts';
import type { Case } from './drawing.ts';
import { ALERTS } from './effects/alerts.ts';
import { must, mustBeSame, type Effect, type Seen } from './effects/effect.ts';
import { JOBS } from './effects/jobs.ts';
import { KEPT } from './effects/kept.ts';
import { LOOKS } from './effects/looks.ts';
import type { Known } from './names.ts';
import type { Stage } from './stage.ts';
import type { Answer } from './wire.ts';

/** By route. */
export const EFFECTS: Readonly<Record<string, Effect>> = { ...JOBS, ...KEPT, ...ALERTS, ...LOOKS };

/** Of a stack, of where the code lies, of what is behind the doors. */
const INSIDE: readonly RegExp[] = [
  /^\s+at .+:\d+:\d+/m,
  /\bat (async )?[\w.<>]+ \(/,
  /node_modules/,
  /\.(mjs|cjs|ts|js):\d+/,
  /file:\/\/\//,
  /\b(Type|Reference|Syntax|Range|Zod|Assertion)Error\b/,
  /is not a function/,
  /of undefined|of null\b/,
  /\[object Object\]/,
  /Microsoft\.Azure\.Documents/,
  /AccountKey=|SharedAccess(Key|Signature)|BEGIN [A-Z ]*PRIVATE KEY/,
  /ECONN(REFUSED|RESET)|ENOTFOUND|EPIPE/,
  /x-ms-(documentdb|cosmos)|ActivityId:/i,
  /\bcosmos\.sqlite|lifeboat-simulator-/,
];

const LONGEST_ADDRESS = 8_000;
/**
 * FUNCTIONS_REQUEST_BODY_SIZE_LIMIT in the simulator: the host answers a larger body with 500 and
 * not a word.
 */
const LARGEST_BODY = 1_200_000;

/** What a caller has sent may come back to them, and is no news. */
export function mustTellNothing(text: string, sent: string, { secrets, simulator }: Stage): void {
  for (const secret of secrets)
    must(!text.includes(secret), 'The answer tells a secret.', text.slice(0, 500));
  for (const inside of [
    simulator.addresses.cosmos,
    simulator.addresses.identity,
    simulator.addresses.managedIdentity,
    simulator.addresses.serviceBus,
    simulator.addresses.clock,
  ])
    must(
      !text.includes(new URL(inside).host),
      'The answer tells an address of the inside.',
      text.slice(0, 500),
    );
  for (const pattern of INSIDE) {
    const [found] = pattern.exec(text) ?? [];
    must(
      found === undefined || sent.includes(found),
      `The answer tells of the inside: ${String(pattern)}`,
      text.slice(0, 800),
    );
  }
}

/** News that were on their way, and a nonce of a call that was genuine: nothing that was asked for. */
const BESIDE: ReadonlySet<string> = new Set(['delivery', 'relay', 'news']);
export const changedBeside = (places: readonly string[], ...others: readonly string[]): readonly string[] =>
  places.filter((place) => {
    const type = place.split(' ').at(-1) ?? '';
    return !BESIDE.has(type) && !others.includes(type);
  });

/** Its effect, or that it had none: thrown is what was not so. */
export async function judged(
  stage: Stage,
  drawn: Case,
  answer: Answer,
  before: { readonly look: Look; readonly known: Known },
): Promise<Seen | null> {
  if (answer.status === 500 && answer.text === '' && (drawn.sent.body?.length ?? 0) > LARGEST_BODY) {
    mustBeSame(
      changedBeside(changes(before.look, stage.look())),
      [],
      'What a body that is too large for the host has changed',
    );
    return null;
  }
  must(
    answer.status >= 200 && answer.status < 500,
    `It was answered ${answer.status}.`,
    answer.text.slice(0, 500),
  );
  // An address that is longer than any header may be never comes to a door.
  if (answer.status === 431 && drawn.sent.address.length > LONGEST_ADDRESS) return null;
  // A dot for a name is none: there the path is a shorter one.
  await mustKeepContract(drawn.method, new URL(drawn.sent.address, 'http://simulator').pathname, answer);
  mustTellNothing(
    `${answer.text}\n${[...answer.headers].join('\n')}`,
    `${drawn.sent.address} ${JSON.stringify(drawn.params)} ${JSON.stringify(drawn.query)} ` +
      (drawn.sent.body?.toString() ?? ''),
    stage,
  );
  const changed = changedBeside(changes(before.look, stage.look()));
  if (answer.status >= 400) {
    // Once a caller has shown the key, the nonce is spent, whatever stands in the body.
    mustBeSame(
      changed.filter((place) => drawn.door !== 'signed' || !place.endsWith(' nonce')),
      [],
      'What a refused request has changed',
    );
    return null;
  }
  // What the first look finds in Azure is kept, once the job is over.
  const kept = drawn.route === 'GET /api/v1/jobs/{id}/map' ? ['resourceMap'] : [];
  const effect = EFFECTS[drawn.route];
  if (!effect) throw new Error(`Nobody knows what ${drawn.route} is to do.`);
  return effect({ stage, drawn, answer, before: before.known, changed: changedBeside(changed, ...kept) });
}
