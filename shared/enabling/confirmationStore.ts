// Stores the confirmations of manual checks, one document for each check of a VM or of a source.
// Partition: settings/checkConfirmation. `confirmations.ts` calls this module.
import type { CheckConfirmation } from '../azure/facts.ts';
import {
  queryDocuments,
  queryPage,
  splitIntoBatches,
  writeBatch,
  type Page,
  type WithEtag,
} from '../store/cosmos.ts';
import { namedDocumentIdOf, readNamedDocument } from '../store/namedDocuments.ts';

const SETTINGS = 'settings';
const KIND = 'checkConfirmation';
const PARTITION = { key: 'kind', value: KIND } as const;

/** A stored confirmation. A newer confirmation of the same check replaces the older one. */
export interface ConfirmationDocument extends Omit<CheckConfirmation, 'isExpired'> {
  /** `checkConfirmation:{name}`. */
  readonly id: string;
  readonly kind: typeof KIND;
  readonly type: typeof KIND;
  readonly schema: number;
  readonly version: number;
  readonly vmName: string | null;
}

/** The identity of a confirmation document. */
export const confirmationIdentityOf = (name: string) =>
  ({ id: namedDocumentIdOf(KIND, name), kind: KIND, type: KIND }) as const;

/** Saves confirmations, and replaces older ones of the same checks. */
export async function putConfirmations(documents: readonly ConfirmationDocument[]): Promise<void> {
  for (const batch of splitIntoBatches(documents))
    await writeBatch(
      SETTINGS,
      KIND,
      batch.map((document) => ({ put: document })),
    );
}

/** Reads one confirmation; gives undefined when there is none. */
export const readConfirmation = (name: string): Promise<WithEtag<ConfirmationDocument> | undefined> =>
  readNamedDocument<ConfirmationDocument>(KIND, name);

/** A long list of ids exceeds the size of a query. */
const MAX_IDS_PER_QUERY = 1000;

/** Reads the confirmations of these VMs (ids in lower case), and those of all sources. */
export async function readConfirmationsOf(
  vmIds: readonly string[],
): Promise<readonly WithEtag<ConfirmationDocument>[]> {
  const found = [await queryConfirmations('IS_NULL(c.vmId)', [])];
  for (let offset = 0; offset < vmIds.length; offset += MAX_IDS_PER_QUERY)
    found.push(
      await queryConfirmations(
        'ARRAY_CONTAINS(@ids, c.vmId)',
        vmIds.slice(offset, offset + MAX_IDS_PER_QUERY),
      ),
    );
  return found.flat();
}

const queryConfirmations = (where: string, ids: readonly string[]) =>
  queryDocuments<ConfirmationDocument>(SETTINGS, {
    where,
    partition: PARTITION,
    ...(ids.length > 0 ? { parameters: { ids } } : {}),
  });

/** A page of confirmations, the newest first. `vmId`: only those of this VM, in lower case. */
export const readConfirmationPage = (
  vmId: string | undefined,
  size: number,
  token?: string,
): Promise<Page<ConfirmationDocument>> =>
  queryPage<ConfirmationDocument>(
    SETTINGS,
    {
      where: vmId === undefined ? 'true' : 'c.vmId = @vmId',
      orderBy: 'c.at DESC',
      partition: PARTITION,
      ...(vmId === undefined ? {} : { parameters: { vmId } }),
    },
    size,
    token,
  );
