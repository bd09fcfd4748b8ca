// The inventories of the resource groups of a drill, before and after the test VMs. They are in the
// partition of the job.
import { bytesOf, createDocument, queryDocuments, readDocument, type WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { InventoryDocument, LeftoverDocument } from './documents.ts';

const JOBS = 'jobs';
/** Limits for a Cosmos document of 2 MB. */
const MAX_IN_GROUP = 8000;
const MAX_BYTES = 1_800_000;
/**
 * Tells whether the inventory fits a document. Lifeboat reports a larger group, but does not
 * compare it.
 */
export const canBeStored = (resources: readonly string[]): boolean =>
  resources.length <= MAX_IN_GROUP && bytesOf(resources) <= MAX_BYTES;

/** The inventories from before the test VMs. */
export const listInventories = (jobId: string): Promise<WithEtag<InventoryDocument>[]> =>
  queryDocuments<InventoryDocument>(JOBS, {
    where: "c.type = 'inventory'",
    orderBy: 'c.id',
    partition: { key: 'jobId', value: jobId },
  });

/**
 * Creates the inventory once for a job. A later inventory would count the test VMs of the job as
 * earlier resources.
 */
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
/** The leftovers of the drill at this epoch. */
export const readLeftovers = (
  jobId: string,
  epoch: number,
): Promise<WithEtag<LeftoverDocument> | undefined> =>
  readDocument<LeftoverDocument>(JOBS, leftoversIdOf(epoch), jobId);

/** Creates the leftovers document of this epoch. An existing document stays. */
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
