// How long things took, kept by key. Keys are spread over documents of one partition, so that each
// stays small and two jobs seldom write the same one.
import { createHash } from 'node:crypto';
import { isOfAll, newestOf, type Sample } from '../plans/rules/durations.ts';
import { someAtATime } from '../azure/clients.ts';
import { transient } from '../core/errors.ts';
import { batch, create, query, read } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { DurationsDocument } from '../plans/documents.ts';

const PLANS = 'plans';
const DOCUMENTS = 64;
const MOST_TRIES = 10;
/** What all VMs of a vault have in common is read at each look: it stands by itself. */
const COMMON = 'durations:common';

const documentOf = (key: string): string =>
  isOfAll(key) ? COMMON : `durations:${(createHash('sha256').update(key).digest()[0] ?? 0) % DOCUMENTS}`;

export const learnedOfVault = (vaultId: string): string => `learned:${vaultId}`;

const samplesIn = ({ samples }: DurationsDocument): Sample[] =>
  Object.entries(samples).flatMap(([key, all]) => all.map(([seconds, at]) => ({ key, seconds, at })));

export async function readCommonSamples(partition: string): Promise<readonly Sample[]> {
  const document = await read<DurationsDocument>(PLANS, COMMON, partition);
  return document ? samplesIn(document) : [];
}

/** Those of these keys. */
export async function readSamples(partition: string, keys: readonly string[]): Promise<readonly Sample[]> {
  const ids = [...new Set(keys.map(documentOf))];
  const wanted = new Set(keys);
  const documents = await query<DurationsDocument>(PLANS, {
    where: "c.type = 'durations' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
    partition: { key: 'planId', value: partition },
  });
  return documents.flatMap(samplesIn).filter(({ key }) => wanted.has(key));
}

/**
 * Of what is there and what is new, the newest of each key stay: the same samples once more change
 * nothing.
 */
export async function addSamples(partition: string, samples: readonly Sample[]): Promise<void> {
  await someAtATime([...Map.groupBy(samples, ({ key }) => documentOf(key))], ([id, some]) =>
    addTo(partition, id, some),
  );
}

async function addTo(partition: string, id: string, more: readonly Sample[]): Promise<void> {
  for (let tried = 0; tried < MOST_TRIES; tried++) {
    const known = await read<DurationsDocument>(PLANS, id, partition);
    const samples = bounded(newestOf([...(known ? samplesIn(known) : []), ...more]));
    if (known && JSON.stringify(samples) === JSON.stringify(known.samples)) return;
    const next: DurationsDocument = { id, type: 'durations', schema: SCHEMA, planId: partition, samples };
    if (
      known
        ? await batch(PLANS, partition, [{ replace: next, etag: known._etag }])
        : await create(PLANS, next)
    )
      return;
  }
  throw transient(
    'DurationsContended',
    'How long things took was changed by others each time it was to be written. It will be tried again.',
  );
}

/** Of a document of 2 MB; VMs and actions that are long gone make room. */
const MOST_KEYS = 2000;

function bounded(newest: ReadonlyMap<string, readonly Sample[]>): DurationsDocument['samples'] {
  const last = ([, samples]: readonly [string, readonly Sample[]]): string => samples[0]?.at ?? '';
  const kept = [...newest]
    .sort((a, b) => (last(a) < last(b) ? 1 : -1))
    .slice(0, MOST_KEYS)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    kept.map(([key, samples]) => [key, samples.map(({ seconds, at }) => [seconds, at] as const)]),
  );
}
