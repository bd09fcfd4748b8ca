// Saving call-back addresses: only those on the list, each with a key that is there to sign what goes to it.
import { isIP } from 'node:net';
import * as z from 'zod';
import { clock, later } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { entryFor, isPrivate } from '../core/addresses.ts';
import { rejected } from '../core/errors.ts';
import { changedMeanwhile, mustHaveRead } from '../core/conditions.ts';
import { freshGuid } from '../core/ids.ts';
import { parse } from '../core/parse.ts';
import { CALLBACK } from './callbackStore.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { Caller } from '../access/caller.ts';
import type { CallbackDocument } from '../outbox/documents.ts';
import { allKept, keptId, readKept, removeKept, saveKept } from '../store/kept.ts';
import { callbackTarget } from './callback.ts';
import type { CloudEvent } from './cloudEvent.ts';
import type { Delivered } from './receiver.ts';

export const CallbackName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 small letters, digits and hyphens');

const Key = z.string().regex(/^[\w.-]{1,100}$/, 'must be the name of a key');

export const CallbackWish = z.strictObject({
  url: z
    .string()
    .trim()
    .max(2000)
    .refine(
      (text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol),
      'must be an address that begins with https:// (or http://, where the list allows it)',
    ),
  /** Every event of a job, or only what asks a person for something. */
  audience: z.enum(['events', 'people'], 'must be events or people').default('events'),
  /** Of an address for people: from the how-manyth message about the same question on it is told. */
  level: z.int().min(1).max(9).default(1),
  /** The id of the caller whose jobs it is told of; left out: everybody's. */
  caller: z.string().trim().min(1).max(200).optional(),
  /** Names of keys in the app's settings. Two while one takes the other's place. */
  keys: z
    .array(Key)
    .min(1)
    .max(2)
    .refine((names) => new Set(names).size === names.length, 'names a key twice'),
});
export type CallbackWish = z.infer<typeof CallbackWish>;

const callbackOf = (name: string) => ({ noun: 'Callback', name: `a call-back address ${name}` });

export async function readNamed(name: string): Promise<Stored<CallbackDocument>> {
  const known = await readKept<CallbackDocument>(CALLBACK, name);
  if (!known)
    throw rejected(
      404,
      'CallbackUnknown',
      `There is no call-back address ${name}. GET /api/v1/callbacks lists those that there are.`,
    );
  return known;
}

export async function saveCallback(
  name: string,
  body: unknown,
  ifMatch: string | null,
  caller: Caller,
): Promise<CallbackDocument> {
  const { caller: whose = null, ...wish } = parse(CallbackWish, body, 'The call-back address');
  mustBeAllowed(wish.url);
  mustHaveKey(wish.keys);
  const before = await readKept<CallbackDocument>(CALLBACK, name);
  mustHaveRead(callbackOf(name), before, ifMatch);
  if (!before) await mustHaveRoom();
  const next: CallbackDocument = {
    id: keptId(CALLBACK, name),
    kind: CALLBACK,
    type: CALLBACK,
    schema: SCHEMA,
    version: (before?.version ?? 0) + 1,
    ...wish,
    caller: whose,
    savedBy: { id: caller.id, name: caller.name },
    savedAt: (await clock().now()).toISOString(),
  };
  if (await saveKept(next, before)) return next;
  throw changedMeanwhile(callbackOf(name), await readKept<CallbackDocument>(CALLBACK, name));
}

/** What still waits to be told there is told to nobody. */
export async function removeCallback(name: string, ifMatch: string | null): Promise<void> {
  const before = await readNamed(name);
  mustHaveRead(callbackOf(name), before, ifMatch);
  if (!(await removeKept(before)))
    throw changedMeanwhile(callbackOf(name), await readKept<CallbackDocument>(CALLBACK, name));
}

/** How far each of them was told stands in one batch, which takes a hundred writes. */
const MOST_CALLBACKS = 90;

async function mustHaveRoom(): Promise<void> {
  const { length } = await allKept<CallbackDocument>(CALLBACK);
  if (length >= MOST_CALLBACKS)
    throw rejected(
      422,
      'TooManyCallbacks',
      `There are ${length} call-back addresses, and at most ${MOST_CALLBACKS} are possible. ` +
        'Nothing was saved. Remove one first.',
    );
}

/** The name is resolved, and checked again, whenever something goes there. */
function mustBeAllowed(text: string): void {
  const url = new URL(text);
  const entry = entryFor(url, config().LIFEBOAT_CALLBACKS);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!entry)
    throw rejected(
      422,
      'AddressNotAllowed',
      `${url.origin} is not on the list of addresses to which call-backs may go ` +
        '(LIFEBOAT_CALLBACKS). Nothing was saved. Let whoever runs Lifeboat put it there.',
    );
  if (isIP(host) && isPrivate(host) && !entry.mayBePrivate)
    throw rejected(
      422,
      'AddressNotAllowed',
      `${url.origin} is no public address, and the list of allowed ones does not say that it ` +
        'may be private. Nothing was saved.',
    );
}

function mustHaveKey(names: readonly string[]): void {
  const known = config().LIFEBOAT_CALLBACK_KEYS;
  if (names.some((name) => known.has(name))) return;
  throw rejected(
    422,
    'KeyUnknown',
    `None of the keys ${names.join(', ')} is in LIFEBOAT_CALLBACK_KEYS, and nothing goes out ` +
      'unsigned. Nothing was saved. Put the key there first.',
  );
}

/** Tells the address something of no consequence, now, and says how that went. */
export async function tryCallback(name: string, caller: Caller): Promise<Delivered> {
  const callback = await readNamed(name);
  return callbackTarget(callback).deliver(
    await testEvent(name, caller),
    later(new Date(), config().LIFEBOAT_CALLBACK_TIMEOUT_SECONDS).getTime(),
  );
}

const testEvent = async (name: string, caller: Caller): Promise<CloudEvent> => ({
  specversion: '1.0',
  id: `test:${name}:${freshGuid()}`,
  source: `/api/v1/callbacks/${name}`,
  type: 'lifeboat.test',
  subject: name,
  time: (await clock().now()).toISOString(),
  datacontenttype: 'application/json',
  sequence: '0000000001',
  data: {
    title: 'Lifeboat tries this address',
    text: `${caller.name} has asked for this. Nothing has happened, and there is nothing to do.`,
  },
});
