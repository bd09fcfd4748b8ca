// The operations on one document. Single requests and batches both use them.

import type { Container } from './container.ts';
import { createCosmosError, unsupportedError } from './errors.ts';
import { requireTtl, expirySeconds } from './expiry.ts';
import { effectiveKey, requireSameKey, valueAt, type PartitionKey } from './partition-key.ts';
import { applyPatch, readPatch, type Patch } from './patch.ts';
import { containerRid, databaseRid, documentRid, etagOf } from './resource-ids.ts';
import { compile } from './sql/evaluate.ts';
import { standaloneContext, documentRow } from './sql/select.ts';
import { canonicalJson, isObject, type JsonObject } from './sql/values.ts';
import type { DocumentRow, CosmosStore, WrittenDocument } from './store.ts';

export type ItemOperationKind = 'Create' | 'Upsert' | 'Read' | 'Replace' | 'Delete' | 'Patch';

export interface ItemOperation {
  readonly kind: ItemOperationKind;
  readonly key: PartitionKey;
  /** The id of the document to read or change. A new document contains its own id. */
  readonly id: string | undefined;
  readonly body: unknown;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export interface ItemOutcome {
  readonly status: number;
  /** The document as JSON text. */
  readonly document?: string;
  readonly etag?: string;
}

const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;
const MAX_ID_BYTES = 1023;

export class Items {
  private readonly store: CosmosStore;
  private readonly now: () => number;

  /** `now` gives the time in milliseconds for writes and expiry. */
  constructor(store: CosmosStore, now: () => number) {
    this.store = store;
    this.now = now;
  }

  /**
   * Deletes the expired documents of a container. Every operation calls this first, so no caller
   * sees an expired document.
   */
  deleteExpired({ number, defaultTtl }: Container): void {
    if (defaultTtl !== undefined) this.store.deleteExpired(number, this.seconds());
  }

  /**
   * Runs one operation. Throws a CosmosError when the operation fails. A write needs a transaction
   * of the store.
   */
  perform(container: Container, operation: ItemOperation): ItemOutcome {
    switch (operation.kind) {
      case 'Create':
        return this.create(container, operation);
      case 'Upsert':
        return this.upsert(container, operation);
      case 'Read':
        return this.read(container, operation);
      case 'Replace':
        return this.replace(container, operation);
      case 'Delete':
        return this.delete(container, operation);
      case 'Patch':
        return this.patch(container, operation);
    }
  }

  private create(container: Container, { key, body }: ItemOperation): ItemOutcome {
    const document = validateDocument(body, container, key);
    if (this.store.document(container.number, key.text, document.id) !== undefined) {
      throw createCosmosError(409, 'Entity with the specified id already exists in the system.');
    }
    return this.insert(container, key, document);
  }

  /** If-Match and If-None-Match apply only to an existing document. */
  private upsert(container: Container, operation: ItemOperation): ItemOutcome {
    const document = validateDocument(operation.body, container, operation.key);
    const present = this.store.document(container.number, operation.key.text, document.id);
    if (present === undefined) return this.insert(container, operation.key, document);
    requireMatch(present, operation);
    if (isUnchanged(present, operation)) throw preconditionFailed();
    return this.update(container, operation.key, present, document);
  }

  private read(container: Container, operation: ItemOperation): ItemOutcome {
    const present = this.present(container, operation);
    if (isUnchanged(present, operation)) return { status: 304, etag: present.etag };
    return { status: 200, document: present.body, etag: present.etag };
  }

  private replace(container: Container, operation: ItemOperation): ItemOutcome {
    const document = validateDocument(operation.body, container, operation.key);
    const present = this.present(container, operation);
    requireMatch(present, operation);
    if (document.id !== operation.id) throw unsupportedError('Changing the id of a document');
    return this.update(container, operation.key, present, document);
  }

  private delete(container: Container, operation: ItemOperation): ItemOutcome {
    const present = this.present(container, operation);
    requireMatch(present, operation);
    this.store.nextWrite();
    this.store.deleteDocument(present.number);
    return { status: 204 };
  }

  private patch(container: Container, operation: ItemOperation): ItemOutcome {
    const patch = readPatch(operation.body, container.keyPaths);
    const present = this.present(container, operation);
    requireMatch(present, operation);
    const document = JSON.parse(present.body) as JsonObject;
    if (patch.condition !== undefined && !this.meetsCondition(patch.condition, document))
      throw preconditionFailed();
    return this.update(
      container,
      operation.key,
      present,
      validateDocument(applyPatch(document, patch), container, operation.key),
    );
  }

  private present(container: Container, { key, id }: ItemOperation): DocumentRow {
    const row = id === undefined ? undefined : this.store.document(container.number, key.text, id);
    if (row === undefined)
      throw createCosmosError(404, 'Resource Not Found. Learn more: https://aka.ms/cosmosdb-tsg-not-found');
    return row;
  }

  private meetsCondition(
    { document: name, condition }: NonNullable<Patch['condition']>,
    document: JsonObject,
  ): boolean {
    return compile(condition, standaloneContext(name, new Map(), this.now()))(documentRow(document)) === true;
  }

  private insert(container: Container, key: PartitionKey, document: DocumentWithId): ItemOutcome {
    const write = this.store.nextWrite();
    const written = this.withSystemProperties(container, write, write, document);
    this.store.insertDocument({
      ...written,
      container: container.number,
      partition: key.text,
      id: document.id,
      hash: effectiveKey(key),
    });
    this.claimUniqueValues(container, key, write, document);
    return { status: 201, document: written.body, etag: written.etag };
  }

  private update(
    container: Container,
    key: PartitionKey,
    { number }: DocumentRow,
    document: DocumentWithId,
  ): ItemOutcome {
    const written = this.withSystemProperties(container, number, this.store.nextWrite(), document);
    this.store.replaceDocument(written);
    this.claimUniqueValues(container, key, number, document);
    return { status: 200, document: written.body, etag: written.etag };
  }

  /**
   * A missing value counts as null. Only one document may have the value null, as with any other
   * value.
   */
  private claimUniqueValues(
    { number: container, uniqueKeys }: Container,
    key: PartitionKey,
    document: number,
    content: JsonObject,
  ): void {
    if (uniqueKeys.length === 0) return;
    const values = uniqueKeys.map(
      ({ paths }, index) => `${index}:${canonicalJson(paths.map((path) => valueAt(content, path) ?? null))}`,
    );
    for (const value of values) {
      const holder = this.store.uniqueValueOwner(container, key.text, value);
      if (holder !== undefined && holder !== document)
        throw createCosmosError(409, 'Unique index constraint violation.');
    }
    this.store.setUniqueValues(container, key.text, values, document);
  }

  /** Adds the system properties to a document before the write. */
  private withSystemProperties(
    { database, number: container, defaultTtl }: Container,
    number: number,
    write: number,
    document: DocumentWithId,
  ): WrittenDocument {
    const seconds = this.seconds();
    const etag = etagOf(write, seconds);
    const rid = documentRid(database, container, number);
    const self = `dbs/${databaseRid(database)}/colls/${containerRid(database, container)}/docs/${rid}/`;
    const body = JSON.stringify({
      ...document,
      _rid: rid,
      _self: self,
      _etag: etag,
      _attachments: 'attachments/',
      _ts: seconds,
    });
    return { number, etag, body, write, expires: expirySeconds(seconds, document['ttl'], defaultTtl) };
  }

  private seconds(): number {
    return Math.floor(this.now() / 1000);
  }
}

type DocumentWithId = JsonObject & { id: string };

function validateDocument(body: unknown, container: Container, key: PartitionKey): DocumentWithId {
  if (!isObject(body))
    throw createCosmosError(
      400,
      'The request payload is invalid. Ensure to provide a valid request payload.',
    );
  const { id } = body;
  if (typeof id !== 'string' || id === '')
    throw createCosmosError(
      400,
      "The input content is invalid because the required properties - 'id; ' - are missing",
    );
  if (/[/\\]/.test(id) || Buffer.byteLength(id) > MAX_ID_BYTES)
    throw createCosmosError(
      400,
      `The input name '${id.slice(0, MAX_ID_BYTES)}' is invalid. Ensure to provide a unique ` +
        `non-empty string less than '${MAX_ID_BYTES}' bytes without slashes.`,
    );
  if (body['ttl'] !== undefined) requireTtl(body['ttl']);
  requireSameKey(body, container.keyPaths, key);
  if (Buffer.byteLength(JSON.stringify(body)) > MAX_DOCUMENT_BYTES)
    throw createCosmosError(413, 'Request size is too large');
  return body as DocumentWithId;
}

function requireMatch(present: DocumentRow, { ifMatch }: ItemOperation): void {
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== present.etag) throw preconditionFailed();
}

/** Whether If-None-Match matches the current document. */
function isUnchanged({ etag }: DocumentRow, { ifNoneMatch }: ItemOperation): boolean {
  return ifNoneMatch === etag || ifNoneMatch === '*';
}

function preconditionFailed() {
  return createCosmosError(
    412,
    'One of the specified pre-condition is not met. Learn more: ' +
      'https://aka.ms/CosmosDB/sql/errors/precondition-failed',
  );
}
