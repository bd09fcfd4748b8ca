// What people keep by name in the settings, such as call-back addresses and alert rules: one
// partition for each kind, changed under If-Match.
import { writeBatch, createDocument, queryDocuments, readDocument, type WithEtag } from './cosmos.ts';

const CONTAINER = 'settings';

export interface NamedDocument {
  /** `{kind}:{name}`. */
  readonly id: string;
  readonly kind: string;
  /** From 1 on; each change is a new one. */
  readonly version: number;
}

export const namedDocumentIdOf = (kind: string, name: string): string => `${kind}:${name}`;
export const documentNameOf = ({ id, kind }: NamedDocument): string => id.slice(kind.length + 1);

export const readNamedDocument = <T extends NamedDocument>(
  kind: T['kind'],
  name: string,
): Promise<WithEtag<T> | undefined> => readDocument<T>(CONTAINER, namedDocumentIdOf(kind, name), kind);

export const listNamedDocuments = <T extends NamedDocument>(kind: T['kind']): Promise<WithEtag<T>[]> =>
  queryDocuments<T>(CONTAINER, { where: 'true', orderBy: 'c.id', partition: { key: 'kind', value: kind } });

/** False when somebody else has made, changed or removed it meanwhile. */
export async function saveNamedDocument(
  next: NamedDocument,
  before: WithEtag<NamedDocument> | undefined,
): Promise<boolean> {
  if (!before) return createDocument(CONTAINER, next);
  return (await writeBatch(CONTAINER, next.kind, [{ replace: next, etag: before._etag }])) !== undefined;
}

export const removeNamedDocument = async (document: WithEtag<NamedDocument>): Promise<boolean> =>
  (await writeBatch(CONTAINER, document.kind, [{ remove: document.id, etag: document._etag }])) !== undefined;
