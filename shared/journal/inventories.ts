// What lay where a drill's test VMs came up, group by group, before it and after; in the partition
// of its job.
import { bytesOf, createDocument, queryDocuments, readDocument, type WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { InventoryDocument, LeftoverDocument } from './documents.ts';

const JOBS = 'jobs';
/** Of a document of 2 MB. */
const MAX_IN_GROUP = 8000;
const MAX_BYTES = 1_800_000;
/** What lies in a larger group is said to be there, and not compared. */
export const canBeStored = (resources: readonly string[]): boolean =>
  resources.length <= MAX_IN_GROUP && bytesOf(resources) <= MAX_BYTES;

export const listInventories = (jobId: string): Promise<WithEtag<InventoryDocument>[]> =>
  queryDocuments<InventoryDocument>(JOBS, {
    where: "c.type = 'inventory'",
    orderBy: 'c.id',
    partition: { key: 'jobId', value: jobId },
  });

/** Once for a job: what its own test VMs have brought is not what was there before. */
export async function createInventory(
  jobId: string,
  index: number,
  inventory: Pick<InventoryDocument, 'groupId' | 'resources' | 'readAt'>,
): Promise<void> {
  const document: InventoryDocument = {
    id: `inventory:${String(index).padStart(3, '0')}`,
    type: 'inventory',
    schema: SCHEMA_VERSION,
    jobId,
    ...inventory,
  };
  await createDocument(JOBS, document);
}

const leftoversIdOf = (epoch: number): string => `left:${epoch}`;
export const readLeftovers = (
  jobId: string,
  epoch: number,
): Promise<WithEtag<LeftoverDocument> | undefined> =>
  readDocument<LeftoverDocument>(JOBS, leftoversIdOf(epoch), jobId);

export async function createLeftovers(
  jobId: string,
  epoch: number,
  leftovers: Pick<LeftoverDocument, 'difference' | 'readAt'>,
): Promise<void> {
  const document: LeftoverDocument = {
    id: leftoversIdOf(epoch),
    type: 'left',
    schema: SCHEMA_VERSION,
    jobId,
    epoch,
    ...leftovers,
  };
  await createDocument(JOBS, document);
}
