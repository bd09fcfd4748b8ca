// How often replication of a VM was begun in a vault: the names of its items follow from that, so
// that a repeat finds what the first has made.
import { batch, chunks, create, query, read } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { SourceDocument, VaultDocument } from './documents.ts';

const REGISTRY = 'registry';
const inVault = (vaultId: string) => ({ key: 'vaultId', value: vaultId });

export const sourcesOf = (vaultId: string, ids: readonly string[]): Promise<SourceDocument[]> =>
  query<SourceDocument>(REGISTRY, {
    where: "c.type = 'source' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
    partition: inVault(vaultId),
  });

/** A caller knows the id and not its vault. */
export const findSource = async (id: string): Promise<SourceDocument | undefined> =>
  (
    await query<SourceDocument>(REGISTRY, { where: "c.type = 'source' AND c.id = @id", parameters: { id } })
  )[0];

/**
 * Of many at once: whoever else writes the same writes the same numbers, for they follow from what
 * the vault shows.
 */
export async function saveSources(
  vaultId: string,
  sources: readonly Omit<SourceDocument, 'type' | 'schema' | 'vaultId'>[],
): Promise<void> {
  for (const some of chunks(sources)) {
    await batch(
      REGISTRY,
      vaultId,
      some.map((source) => {
        const document: SourceDocument = { type: 'source', schema: SCHEMA, vaultId, ...source };
        return { put: document };
      }),
    );
  }
}

/** An item of this name has come to its end: the VM's next one gets another name. */
export async function spendName(vaultId: string, itemName: string): Promise<void> {
  const [source] = await query<SourceDocument>(REGISTRY, {
    where: "c.type = 'source' AND c.itemName = @itemName",
    parameters: { itemName: itemName.toLowerCase() },
    partition: inVault(vaultId),
  });
  if (!source || source.spent) return;
  const next: SourceDocument = { ...source, spent: true };
  if (!(await batch(REGISTRY, vaultId, [{ replace: next, etag: source._etag }])))
    await spendName(vaultId, itemName);
}

/** A vault that a command told Lifeboat of. */
export async function addVault(vaultId: string, armId: string, now: Date): Promise<void> {
  const vault: VaultDocument = {
    id: 'vault',
    type: 'vault',
    schema: SCHEMA,
    vaultId,
    armId,
    addedAt: now.toISOString(),
  };
  if (!(await read<VaultDocument>(REGISTRY, 'vault', vaultId))) await create(REGISTRY, vault);
}

export const addedVaults = (): Promise<VaultDocument[]> =>
  query<VaultDocument>(REGISTRY, { where: "c.type = 'vault'" });
