// Checks, saves and removes call-back addresses. Each address must be on the list and needs a known
// signing key. The call-back routes call this module.
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

/** The name of a call-back address, as it stands in the address of its route. */
export const CallbackName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 small letters, digits and hyphens');

const Key = z.string().regex(/^[\w.-]{1,100}$/, 'must be the name of a key');

/** Request body of a call-back address. */
export const CallbackRequest = z.strictObject({
  url: z
    .string()
    .trim()
    .max(2000)
    .refine(
      (text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol),
      'must be an address that begins with https:// (or http://, where the list allows it)',
    )
    .describe('The address. The settings must allow its host.'),
  audience: z
    .enum(['events', 'people'], 'must be events or people')
    .default('events')
    .describe('events: every event of a job. people: only questions. Default: events.'),
  level: z
    .int()
    .min(1)
    .max(9)
    .default(1)
    .describe('For people: the first message number about one question that goes here. Default: 1.'),
  caller: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('Only jobs of the caller with this id. Default: jobs of all callers.'),
  keys: z
    .array(Key)
    .min(1)
    .max(2)
    .refine((names) => new Set(names).size === names.length, 'names a key twice')
    .describe('Names of the signing keys in the app settings; two during a change of keys.'),
});
/** Request body of a call-back address. */
export type CallbackRequest = z.infer<typeof CallbackRequest>;

const callbackLabelOf = (name: string) => ({ noun: 'Callback', name: `a call-back address ${name}` });

/** Reads one call-back address, or throws 404 CallbackUnknown. */
export async function requireCallback(name: string): Promise<WithEtag<CallbackDocument>> {
  const callback = await readNamedDocument<CallbackDocument>(CALLBACK_KIND, name);
  if (!callback)
    throw rejected(
      404,
      'CallbackUnknown',
      `There is no call-back address ${name}. GET /api/v1/callbacks lists all call-back addresses.`,
    );
  return callback;
}

/** Checks and saves a call-back address. */
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

/** Removes a call-back address. Its waiting events go nowhere. */
export async function removeCallback(name: string, ifMatch: string | null): Promise<void> {
  const before = await requireCallback(name);
  assertIfMatch(callbackLabelOf(name), before, ifMatch);
  if (!(await removeNamedDocument(before)))
    throw changedByOthers(
      callbackLabelOf(name),
      await readNamedDocument<CallbackDocument>(CALLBACK_KIND, name),
    );
}

/** One batch holds the positions of all targets, and a batch takes a hundred writes. */
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

/** Checks the list. Each delivery resolves the name and checks the address again. */
function assertUrlAllowed(text: string): void {
  const url = new URL(text);
  const entry = findAllowedAddress(url, config().LIFEBOAT_CALLBACKS);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!entry)
    throw rejected(
      422,
      'AddressNotAllowed',
      `${url.origin} is not on the list of allowed call-back addresses ` +
        '(LIFEBOAT_CALLBACKS). Nothing was saved. Ask the operator of Lifeboat to add it.',
    );
  if (isIP(host) && isPrivateAddress(host) && !entry.mayBePrivate)
    throw rejected(
      422,
      'AddressNotAllowed',
      `${url.origin} is no public address, and the list of allowed addresses does not permit ` +
        'private ones. Nothing was saved.',
    );
}

function assertKeyKnown(names: readonly string[]): void {
  const secretsByName = config().LIFEBOAT_CALLBACK_KEYS;
  if (names.some((name) => secretsByName.has(name))) return;
  throw rejected(
    422,
    'KeyUnknown',
    `None of the keys ${names.join(', ')} is in LIFEBOAT_CALLBACK_KEYS, and Lifeboat sends nothing ` +
      'unsigned. Nothing was saved. Add the key there first.',
  );
}

/** Sends a harmless test event at once, and gives the result. */
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
    title: 'Lifeboat tests this address',
    text: `${caller.name} asked for this test. Nothing has happened, and you need to do nothing.`,
  },
});
