// What lay where a drill's test VMs came up, group by group, before it and after; in the partition
// of its job.
import { bytesOf, create, query, read, type Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { InventoryDocument, LeftDocument } from './documents.ts';

const JOBS = 'jobs';
/** Of a document of 2 MB. */
const MOST_IN_A_GROUP = 8000;
const MOST_BYTES = 1_800_000;
/** What lies in a larger group is said to be there, and not compared. */
export const canBeKept = (resources: readonly string[]): boolean =>
  resources.length <= MOST_IN_A_GROUP && bytesOf(resources) <= MOST_BYTES;

export const inventoriesOf = (jobId: string): Promise<Stored<InventoryDocument>[]> =>
  query<InventoryDocument>(JOBS, {
    where: "c.type = 'inventory'",
    order: 'c.id',
    partition: { key: 'jobId', value: jobId },
  });

/** Once for a job: what its own test VMs have brought is not what was there before. */
export async function keepInventory(
  jobId: string,
  at: number,
  of: Pick<InventoryDocument, 'groupId' | 'resources' | 'readAt'>,
): Promise<void> {
  const document: InventoryDocument = {
    id: `inventory:${String(at).padStart(3, '0')}`,
    type: 'inventory',
    schema: SCHEMA,
    jobId,
    ...of,
  };
  await create(JOBS, document);
}

const leftIdOf = (epoch: number): string => `left:${epoch}`;
export const readLeft = (jobId: string, epoch: number): Promise<Stored<LeftDocument> | undefined> =>
  read<LeftDocument>(JOBS, leftIdOf(epoch), jobId);

export async function keepLeft(
  jobId: string,
  epoch: number,
  of: Pick<LeftDocument, 'difference' | 'readAt'>,
): Promise<void> {
  const document: LeftDocument = { id: leftIdOf(epoch), type: 'left', schema: SCHEMA, jobId, epoch, ...of };
  await create(JOBS, document);
}
