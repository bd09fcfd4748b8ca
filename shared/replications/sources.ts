// How often replication of a VM was begun in a vault: the names of its items follow from that, so
// that a repeat finds what the first has made.
import {
  writeBatch,
  splitIntoBatches,
  createDocument,
  queryDocuments,
  readDocument,
} from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { SourceDocument, VaultDocument } from './documents.ts';

const REGISTRY = 'registry';
const partitionOf = (vaultId: string) => ({ key: 'vaultId', value: vaultId });

export const readSources = (vaultId: string, ids: readonly string[]): Promise<SourceDocument[]> =>
  queryDocuments<SourceDocument>(REGISTRY, {
    where: "c.type = 'source' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
    partition: partitionOf(vaultId),
  });

/** A caller knows the id and not its vault. */
export const findSource = async (id: string): Promise<SourceDocument | undefined> =>
  (
    await queryDocuments<SourceDocument>(REGISTRY, {
      where: "c.type = 'source' AND c.id = @id",
      parameters: { id },
    })
  )[0];

/**
 * Of many at once: whoever else writes the same writes the same numbers, for they follow from what
 * the vault shows.
 */
export async function saveSources(
  vaultId: string,
  sources: readonly Omit<SourceDocument, 'type' | 'schema' | 'vaultId'>[],
): Promise<void> {
  for (const chunk of splitIntoBatches(sources)) {
    await writeBatch(
      REGISTRY,
      vaultId,
      chunk.map((source) => {
        const document: SourceDocument = { type: 'source', schema: SCHEMA_VERSION, vaultId, ...source };
        return { put: document };
      }),
    );
  }
}

/** An item of this name has come to its end: the VM's next one gets another name. */
export async function retireItemName(vaultId: string, itemName: string): Promise<void> {
  const [source] = await queryDocuments<SourceDocument>(REGISTRY, {
    where: "c.type = 'source' AND c.itemName = @itemName",
    parameters: { itemName: itemName.toLowerCase() },
    partition: partitionOf(vaultId),
  });
  if (!source || source.spent) return;
  const next: SourceDocument = { ...source, spent: true };
  if (!(await writeBatch(REGISTRY, vaultId, [{ replace: next, etag: source._etag }])))
    await retireItemName(vaultId, itemName);
}

/** A vault that a command told Lifeboat of. */
export async function addVault(vaultId: string, armId: string, now: Date): Promise<void> {
  const vault: VaultDocument = {
    id: 'vault',
    type: 'vault',
    schema: SCHEMA_VERSION,
    vaultId,
    armId,
    addedAt: now.toISOString(),
  };
  if (!(await readDocument<VaultDocument>(REGISTRY, 'vault', vaultId))) await createDocument(REGISTRY, vault);
}

export const readAddedVaults = (): Promise<VaultDocument[]> =>
  queryDocuments<VaultDocument>(REGISTRY, { where: "c.type = 'vault'" });
