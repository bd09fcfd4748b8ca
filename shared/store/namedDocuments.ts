// Stores named documents that people maintain in the settings, such as callbacks and alert rules.
// Each kind has one partition. Changes need If-Match.
import { writeBatch, createDocument, queryDocuments, readDocument, type WithEtag } from './cosmos.ts';

const CONTAINER = 'settings';

/** The common fields of a named document. */
export interface NamedDocument {
  /** `{kind}:{name}`. */
  readonly id: string;
  readonly kind: string;
  /** Starts at 1; each change adds 1. */
  readonly version: number;
}

/** Returns the document id of a kind and a name. */
export const namedDocumentIdOf = (kind: string, name: string): string => `${kind}:${name}`;
/** Returns the name of a document, as people use it. */
export const documentNameOf = ({ id, kind }: NamedDocument): string => id.slice(kind.length + 1);

/** Returns the document of this kind and name, or undefined. */
export const readNamedDocument = <T extends NamedDocument>(
  kind: T['kind'],
  name: string,
): Promise<WithEtag<T> | undefined> => readDocument<T>(CONTAINER, namedDocumentIdOf(kind, name), kind);

/** Returns all documents of a kind, in the order of their ids. */
export const listNamedDocuments = <T extends NamedDocument>(kind: T['kind']): Promise<WithEtag<T>[]> =>
  queryDocuments<T>(CONTAINER, { where: 'true', orderBy: 'c.id', partition: { key: 'kind', value: kind } });

/**
 * Saves a document. Returns false when another writer created, changed or removed the document
 * meanwhile.
 */
export async function saveNamedDocument(
  next: NamedDocument,
  before: WithEtag<NamedDocument> | undefined,
): Promise<boolean> {
  if (!before) return createDocument(CONTAINER, next);
  return (await writeBatch(CONTAINER, next.kind, [{ replace: next, etag: before._etag }])) !== undefined;
}

/** Removes a document. Returns false when another writer changed it meanwhile. */
export const removeNamedDocument = async (document: WithEtag<NamedDocument>): Promise<boolean> =>
  (await writeBatch(CONTAINER, document.kind, [{ remove: document.id, etag: document._etag }])) !== undefined;
