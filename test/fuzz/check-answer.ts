// An answer must match the description, reveal nothing internal, and report a true effect.
import { assertMatchesContract } from '../support/openapi-contract.ts';
import { changesBetween, type Snapshot } from './stored-state.ts';
import type { FuzzCase } from './draw-case.ts';
import { ALERT_EFFECTS } from './effects/alerts.ts';
import { check, checkSame, type Effect, type EffectKind } from './effects/effect.ts';
import { JOB_EFFECTS } from './effects/jobs.ts';
import { SAVED_DOCUMENT_EFFECTS } from './effects/saved-documents.ts';
import { READ_EFFECTS } from './effects/reads.ts';
import type { KnownState } from './known-state.ts';
import type { FuzzEnvironment } from './fuzz-environment.ts';
import type { RawAnswer } from './raw-client.ts';

/** The effects by route. */
export const EFFECTS: Readonly<Record<string, Effect>> = {
  ...JOB_EFFECTS,
  ...SAVED_DOCUMENT_EFFECTS,
  ...ALERT_EFFECTS,
  ...READ_EFFECTS,
};

/** Texts of a stack trace, of code paths, and of the systems behind the routes. */
const INTERNAL_TEXTS: readonly RegExp[] = [
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
  // The validator's own words. `issueSentence` has plain ones.
  /\bInvalid (input|option|string|key in|value in|discriminator)\b|Unrecognized key|Too (big|small): /,
];

const MAX_ADDRESS_LENGTH = 8_000;
/** Azure's host says 414 for the address alone, and 431 for all headers together. */
const HOST_REFUSALS: ReadonlySet<number> = new Set([414, 431]);
/**
 * The value of FUNCTIONS_REQUEST_BODY_SIZE_LIMIT in the simulator. The host answers a larger body
 * with 500 and without a text.
 */
const MAX_BODY_BYTES = 1_200_000;

/** A text from the caller may return to the caller, because it reveals nothing new. */
export function checkTellsNothingInternal(
  text: string,
  sent: string,
  { secrets, simulator }: FuzzEnvironment,
): void {
  for (const secret of secrets)
    check(!text.includes(secret), 'The answer contains a secret.', text.slice(0, 500));
  for (const inside of [
    simulator.addresses.cosmos,
    simulator.addresses.identity,
    simulator.addresses.managedIdentity,
    simulator.addresses.serviceBus,
    simulator.addresses.clock,
  ])
    check(
      !text.includes(new URL(inside).host),
      'The answer contains an internal address.',
      text.slice(0, 500),
    );
  for (const pattern of INTERNAL_TEXTS) {
    const [found] = pattern.exec(text) ?? [];
    check(
      found === undefined || sent.includes(found),
      `The answer contains an internal text: ${String(pattern)}`,
      text.slice(0, 800),
    );
  }
}

/**
 * Types of events in delivery and of nonces from genuine calls. The request did not ask for these
 * changes.
 */
const BACKGROUND_TYPES: ReadonlySet<string> = new Set(['delivery', 'relay', 'news']);
export const changesExcept = (
  places: readonly string[],
  ...excludedTypes: readonly string[]
): readonly string[] =>
  places.filter((place) => {
    const type = place.split(' ').at(-1) ?? '';
    return !BACKGROUND_TYPES.has(type) && !excludedTypes.includes(type);
  });

/** Checks the effect of a request, or that it had none. Throws on a broken expectation. */
export async function checkAnswer(
  environment: FuzzEnvironment,
  drawnCase: FuzzCase,
  answer: RawAnswer,
  before: { readonly look: Snapshot; readonly known: KnownState },
): Promise<EffectKind | null> {
  if (answer.status === 500 && answer.text === '' && (drawnCase.sent.body?.length ?? 0) > MAX_BODY_BYTES) {
    checkSame(
      changesExcept(changesBetween(before.look, environment.takeSnapshot())),
      [],
      'Changes by a body too large for the host',
    );
    return null;
  }
  check(
    answer.status >= 200 && answer.status < 500,
    `It was answered ${answer.status}.`,
    answer.text.slice(0, 500),
  );
  // The host refuses an address that is longer than its limit, so the address never reaches a route.
  if (HOST_REFUSALS.has(answer.status) && drawnCase.sent.address.length > MAX_ADDRESS_LENGTH) {
    checkSame(
      changesExcept(changesBetween(before.look, environment.takeSnapshot())),
      [],
      'Changes by an address too long for the host',
    );
    return null;
  }
  // A dot is not a name: the path becomes shorter.
  await assertMatchesContract(
    drawnCase.method,
    new URL(drawnCase.sent.address, 'http://simulator').pathname,
    answer,
  );
  checkTellsNothingInternal(
    `${answer.text}\n${[...answer.headers].join('\n')}`,
    `${drawnCase.sent.address} ${JSON.stringify(drawnCase.params)} ${JSON.stringify(drawnCase.query)} ` +
      (drawnCase.sent.body?.toString() ?? ''),
    environment,
  );
  const changed = changesExcept(changesBetween(before.look, environment.takeSnapshot()));
  if (drawnCase.method === 'OPTIONS') {
    checkSame(changed, [], 'Changes by a question for the methods of an address');
    return null;
  }
  if (answer.status >= 400) {
    // A call with the correct key uses its nonce, whatever the body contains.
    checkSame(
      changed.filter((place) => drawnCase.trigger !== 'signed' || !place.endsWith(' nonce')),
      [],
      'Changes by a refused request',
    );
    return null;
  }
  // The first inspection stores Azure's answer when the job is over.
  const expectedTypes = drawnCase.route === 'GET /api/v1/jobs/{id}/map' ? ['resourceMap'] : [];
  const effect = EFFECTS[drawnCase.route];
  if (!effect) throw new Error(`The table has no effect for ${drawnCase.route}.`);
  return effect({
    environment,
    drawnCase,
    answer,
    before: before.known,
    changed: changesExcept(changed, ...expectedTypes),
  });
}
