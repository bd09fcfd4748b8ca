// Saving call-back addresses: only those on the list, each with a key that is there to sign what goes to it.
import { isIP } from 'node:net';
import * as z from 'zod';
import { clock, addSeconds } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { findAllowedAddress, isPrivateAddress } from '../core/allowedAddresses.ts';
import { rejected } from '../core/errors.ts';
import { changedByOthers, assertIfMatch } from '../core/etags.ts';
import { newGuid } from '../core/ids.ts';
import { parseInput } from '../core/parse.ts';
import { CALLBACK_KIND } from './callbackStore.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { Caller } from '../access/caller.ts';
import type { CallbackDocument } from '../outbox/documents.ts';
import {
  listNamedDocuments,
  namedDocumentIdOf,
  readNamedDocument,
  removeNamedDocument,
  saveNamedDocument,
} from '../store/namedDocuments.ts';
import { callbackTarget } from './callback.ts';
import type { CloudEvent } from './cloudEvent.ts';
import type { DeliveryResult } from './deliveryTarget.ts';

export const CallbackName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 small letters, digits and hyphens');

const Key = z.string().regex(/^[\w.-]{1,100}$/, 'must be the name of a key');

export const CallbackRequest = z.strictObject({
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
export type CallbackRequest = z.infer<typeof CallbackRequest>;

const callbackLabelOf = (name: string) => ({ noun: 'Callback', name: `a call-back address ${name}` });

export async function requireCallback(name: string): Promise<WithEtag<CallbackDocument>> {
  const callback = await readNamedDocument<CallbackDocument>(CALLBACK_KIND, name);
  if (!callback)
    throw rejected(
      404,
      'CallbackUnknown',
      `There is no call-back address ${name}. GET /api/v1/callbacks lists those that there are.`,
    );
  return callback;
}

export async function saveCallback(
  name: string,
  body: unknown,
  ifMatch: string | null,
  caller: Caller,
): Promise<CallbackDocument> {
  const { caller: jobCaller = null, ...fields } = parseInput(CallbackRequest, body, 'The call-back address');
  assertUrlAllowed(fields.url);
  assertKeyKnown(fields.keys);
  const before = await readNamedDocument<CallbackDocument>(CALLBACK_KIND, name);
  assertIfMatch(callbackLabelOf(name), before, ifMatch);
  if (!before) await assertCallbackLimit();
  const next: CallbackDocument = {
    id: namedDocumentIdOf(CALLBACK_KIND, name),
    kind: CALLBACK_KIND,
    type: CALLBACK_KIND,
    schema: SCHEMA_VERSION,
    version: (before?.version ?? 0) + 1,
    ...fields,
    caller: jobCaller,
    savedBy: { id: caller.id, name: caller.name },
    savedAt: (await clock().now()).toISOString(),
  };
  if (await saveNamedDocument(next, before)) return next;
  throw changedByOthers(
    callbackLabelOf(name),
    await readNamedDocument<CallbackDocument>(CALLBACK_KIND, name),
  );
}

/** What still waits to be told there is told to nobody. */
export async function removeCallback(name: string, ifMatch: string | null): Promise<void> {
  const before = await requireCallback(name);
  assertIfMatch(callbackLabelOf(name), before, ifMatch);
  if (!(await removeNamedDocument(before)))
    throw changedByOthers(
      callbackLabelOf(name),
      await readNamedDocument<CallbackDocument>(CALLBACK_KIND, name),
    );
}

/** How far each of them was told stands in one batch, which takes a hundred writes. */
const MAX_CALLBACKS = 90;

async function assertCallbackLimit(): Promise<void> {
  const { length } = await listNamedDocuments<CallbackDocument>(CALLBACK_KIND);
  if (length >= MAX_CALLBACKS)
    throw rejected(
      422,
      'TooManyCallbacks',
      `There are ${length} call-back addresses, and at most ${MAX_CALLBACKS} are possible. ` +
        'Nothing was saved. Remove one first.',
    );
}

/** The name is resolved, and checked again, whenever something goes there. */
function assertUrlAllowed(text: string): void {
  const url = new URL(text);
  const entry = findAllowedAddress(url, config().LIFEBOAT_CALLBACKS);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!entry)
    throw rejected(
      422,
      'AddressNotAllowed',
      `${url.origin} is not on the list of addresses to which call-backs may go ` +
        '(LIFEBOAT_CALLBACKS). Nothing was saved. Let whoever runs Lifeboat put it there.',
    );
  if (isIP(host) && isPrivateAddress(host) && !entry.mayBePrivate)
    throw rejected(
      422,
      'AddressNotAllowed',
      `${url.origin} is no public address, and the list of allowed ones does not say that it ` +
        'may be private. Nothing was saved.',
    );
}

function assertKeyKnown(names: readonly string[]): void {
  const secretsByName = config().LIFEBOAT_CALLBACK_KEYS;
  if (names.some((name) => secretsByName.has(name))) return;
  throw rejected(
    422,
    'KeyUnknown',
    `None of the keys ${names.join(', ')} is in LIFEBOAT_CALLBACK_KEYS, and nothing goes out ` +
      'unsigned. Nothing was saved. Put the key there first.',
  );
}

/** Tells the address something of no consequence, now, and says how that went. */
export async function testCallback(name: string, caller: Caller): Promise<DeliveryResult> {
  const callback = await requireCallback(name);
  return callbackTarget(callback).deliver(
    await testEvent(name, caller),
    addSeconds(new Date(), config().LIFEBOAT_CALLBACK_TIMEOUT_SECONDS).getTime(),
  );
}

const testEvent = async (name: string, caller: Caller): Promise<CloudEvent> => ({
  specversion: '1.0',
  id: `test:${name}:${newGuid()}`,
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
