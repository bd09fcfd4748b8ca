// The samples of durations, stored by key. The keys spread over many documents of one partition.
// Each document stays small, and two jobs seldom write the same document.
import { createHash } from 'node:crypto';
import { isVaultKey, newestSamples, type Sample } from '../plans/rules/durations.ts';
import { mapLimited } from '../azure/clients.ts';
import { transient } from '../core/errors.ts';
import { writeBatch, createDocument, queryDocuments, readDocument } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { DurationsDocument } from '../plans/documents.ts';

const PLANS = 'plans';
const DOCUMENT_COUNT = 64;
const MAX_TRIES = 10;
/** Each poll reads the common samples of a vault, so they have their own document. */
const COMMON_ID = 'durations:common';

const documentIdOf = (key: string): string =>
  isVaultKey(key)
    ? COMMON_ID
    : `durations:${(createHash('sha256').update(key).digest()[0] ?? 0) % DOCUMENT_COUNT}`;

/** The partition for the samples of a vault. */
export const samplesPartitionOf = (vaultId: string): string => `learned:${vaultId}`;

const samplesIn = ({ samples }: DurationsDocument): Sample[] =>
  Object.entries(samples).flatMap(([key, pairs]) => pairs.map(([seconds, at]) => ({ key, seconds, at })));

/** The common samples of all VMs of a vault. */
export async function readCommonSamples(partition: string): Promise<readonly Sample[]> {
  const document = await readDocument<DurationsDocument>(PLANS, COMMON_ID, partition);
  return document ? samplesIn(document) : [];
}

/** The samples of these keys. */
export async function readSamples(partition: string, keys: readonly string[]): Promise<readonly Sample[]> {
  const ids = [...new Set(keys.map(documentIdOf))];
  const wanted = new Set(keys);
  const documents = await queryDocuments<DurationsDocument>(PLANS, {
    where: "c.type = 'durations' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
    partition: { key: 'planId', value: partition },
  });
  return documents.flatMap(samplesIn).filter(({ key }) => wanted.has(key));
}

/** Adds samples, and keeps the newest of each key. The same samples once more change nothing. */
export async function addSamples(partition: string, samples: readonly Sample[]): Promise<void> {
  await mapLimited([...Map.groupBy(samples, ({ key }) => documentIdOf(key))], ([id, samplesOfDocument]) =>
    addToDocument(partition, id, samplesOfDocument),
  );
}

async function addToDocument(partition: string, id: string, newSamples: readonly Sample[]): Promise<void> {
  for (let tried = 0; tried < MAX_TRIES; tried++) {
    const stored = await readDocument<DurationsDocument>(PLANS, id, partition);
    const samples = keepNewestKeys(newestSamples([...(stored ? samplesIn(stored) : []), ...newSamples]));
    if (stored && JSON.stringify(samples) === JSON.stringify(stored.samples)) return;
    const next: DurationsDocument = {
      id,
      type: 'durations',
      schema: SCHEMA_VERSION,
      planId: partition,
      samples,
    };
    if (
      stored
        ? await writeBatch(PLANS, partition, [{ replace: next, etag: stored._etag }])
        : await createDocument(PLANS, next)
    )
      return;
  }
  throw transient(
    'DurationsContended',
    'Other jobs changed the learned durations at each attempt to write them. Lifeboat will try again.',
  );
}

/** Limits a document to 2 MB. The oldest VMs and actions make room. */
const MAX_KEYS = 2000;

function keepNewestKeys(newest: ReadonlyMap<string, readonly Sample[]>): DurationsDocument['samples'] {
  const newestTimeOf = ([, samples]: readonly [string, readonly Sample[]]): string => samples[0]?.at ?? '';
  const kept = [...newest]
    .sort((a, b) => (newestTimeOf(a) < newestTimeOf(b) ? 1 : -1))
    .slice(0, MAX_KEYS)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    kept.map(([key, samples]) => [key, samples.map(({ seconds, at }) => [seconds, at] as const)]),
  );
}
