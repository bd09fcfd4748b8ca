// Stores how often Lifeboat began the replication of each VM. The item names follow from this count,
// so that a repeat finds the item of the first try.
import { writeBatch, splitIntoBatches, queryDocuments } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { SourceDocument } from './documents.ts';

const REGISTRY = 'registry';
const partitionOf = (vaultId: string) => ({ key: 'vaultId', value: vaultId });

/** Reads the source documents of these ids in one vault. */
export const readSources = (vaultId: string, ids: readonly string[]): Promise<SourceDocument[]> =>
  queryDocuments<SourceDocument>(REGISTRY, {
    where: "c.type = 'source' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
    partition: partitionOf(vaultId),
  });

/** Queries every partition, because a caller knows the id and not the vault. */
export const findSource = async (id: string): Promise<SourceDocument | undefined> =>
  (
    await queryDocuments<SourceDocument>(REGISTRY, {
      where: "c.type = 'source' AND c.id = @id",
      parameters: { id },
    })
  )[0];

/**
 * Saves many sources. Concurrent writers write the same numbers, because the numbers follow from
 * the contents of the vault.
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

/** Marks an item name as ended. The next replication of the VM gets another name. */
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
