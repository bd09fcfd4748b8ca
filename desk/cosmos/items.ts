// The operations on one document. A request for one and a batch of many both come here.

import type { Container } from './container.ts';
import { refusal, unsupported } from './errors.ts';
import { effectiveKey, needSameKey, type PartitionKey } from './partition-key.ts';
import { applyPatch, readPatch } from './patch.ts';
import { containerRid, databaseRid, documentRid, etagOf } from './resource-ids.ts';
import { compile } from './sql/evaluate.ts';
import { isObject, type JsonObject } from './sql/values.ts';
import type { DocumentRow, Store } from './store.ts';

export type ItemOperationKind = 'Create' | 'Upsert' | 'Read' | 'Replace' | 'Delete' | 'Patch';

export interface ItemOperation {
  readonly kind: ItemOperationKind;
  readonly key: PartitionKey;
  /** Of the document to read or change; what is created brings its own. */
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

const LARGEST_DOCUMENT = 2 * 1024 * 1024;
const LONGEST_ID = 1023;

export class Items {
  private readonly store: Store;
  private readonly seconds: () => number;

  constructor(store: Store, seconds: () => number) {
    this.store = store;
    this.seconds = seconds;
  }

  /** Throws a CosmosError when it cannot be done. Writing belongs into a transaction of the store. */
  perform(container: Container, operation: ItemOperation): ItemOutcome {
    switch (operation.kind) {
      case 'Create': return this.create(container, operation);
      case 'Upsert': return this.upsert(container, operation);
      case 'Read': return this.read(container, operation);
      case 'Replace': return this.replace(container, operation);
      case 'Delete': return this.delete(container, operation);
      case 'Patch': return this.patch(container, operation);
    }
  }

  private create(container: Container, { key, body }: ItemOperation): ItemOutcome {
    const document = checkedDocument(body, container, key);
    if (this.store.document(container.number, key.text, document.id) !== undefined) {
      throw refusal(409, 'Entity with the specified id already exists in the system.');
    }
    return this.insert(container, key, document);
  }

  /** If-Match counts only when there is a document to match. */
  private upsert(container: Container, operation: ItemOperation): ItemOutcome {
    const document = checkedDocument(operation.body, container, operation.key);
    const present = this.store.document(container.number, operation.key.text, document.id);
    if (present === undefined) return this.insert(container, operation.key, document);
    needMatch(present, operation);
    return this.update(container, present, document);
  }

  private read(container: Container, operation: ItemOperation): ItemOutcome {
    const present = this.present(container, operation);
    if (operation.ifNoneMatch === present.etag || operation.ifNoneMatch === '*') return { status: 304, etag: present.etag };
    return { status: 200, document: present.body, etag: present.etag };
  }

  private replace(container: Container, operation: ItemOperation): ItemOutcome {
    const document = checkedDocument(operation.body, container, operation.key);
    const present = this.present(container, operation);
    needMatch(present, operation);
    if (document.id !== operation.id) throw unsupported('Changing the id of a document');
    return this.update(container, present, document);
  }

  private delete(container: Container, operation: ItemOperation): ItemOutcome {
    const present = this.present(container, operation);
    needMatch(present, operation);
    this.store.nextWrite();
    this.store.deleteDocument(present.number);
    return { status: 204 };
  }

  private patch(container: Container, operation: ItemOperation): ItemOutcome {
    const patch = readPatch(operation.body, container.keyPath);
    const present = this.present(container, operation);
    needMatch(present, operation);
    const document = JSON.parse(present.body) as JsonObject;
    if (patch.condition !== undefined && compile(patch.condition, new Map())(document, 0) !== true) throw preconditionFailed();
    return this.update(container, present, checkedDocument(applyPatch(document, patch), container, operation.key));
  }

  private present(container: Container, { key, id }: ItemOperation): DocumentRow {
    const row = id === undefined ? undefined : this.store.document(container.number, key.text, id);
    if (row === undefined) throw refusal(404, 'Resource Not Found. Learn more: https://aka.ms/cosmosdb-tsg-not-found');
    return row;
  }

  private insert(container: Container, key: PartitionKey, document: Identified): ItemOutcome {
    const number = this.store.nextWrite();
    const { etag, body } = this.stamped(container, number, number, document);
    this.store.insertDocument({ number, container: container.number, partition: key.text, id: document.id, hash: effectiveKey(key), etag, body });
    return { status: 201, document: body, etag };
  }

  private update(container: Container, { number }: DocumentRow, document: Identified): ItemOutcome {
    const { etag, body } = this.stamped(container, number, this.store.nextWrite(), document);
    this.store.replaceDocument({ number, etag, body });
    return { status: 200, document: body, etag };
  }

  /** The document as it is stored and sent: with its system properties. */
  private stamped({ database, number: container }: Container, number: number, write: number, document: Identified): { etag: string; body: string } {
    const seconds = this.seconds();
    const etag = etagOf(write, seconds);
    const rid = documentRid(database, container, number);
    const self = `dbs/${databaseRid(database)}/colls/${containerRid(database, container)}/docs/${rid}/`;
    const body = JSON.stringify({ ...document, _rid: rid, _self: self, _etag: etag, _attachments: 'attachments/', _ts: seconds });
    return { etag, body };
  }
}

type Identified = JsonObject & { id: string };

function checkedDocument(body: unknown, container: Container, key: PartitionKey): Identified {
  if (!isObject(body)) throw refusal(400, 'The request payload is invalid. Ensure to provide a valid request payload.');
  const { id } = body;
  if (typeof id !== 'string' || id === '') throw refusal(400, 'The input content is invalid because the required properties - \'id; \' - are missing');
  if (/[/\\]/.test(id) || Buffer.byteLength(id) > LONGEST_ID) throw refusal(400, `The input name '${id.slice(0, LONGEST_ID)}' is invalid. Ensure to provide a unique non-empty string less than '${LONGEST_ID}' bytes without slashes.`);
  needSameKey(body, container.keyPath, key);
  if (Buffer.byteLength(JSON.stringify(body)) > LARGEST_DOCUMENT) throw refusal(413, 'Request size is too large');
  return body as Identified;
}

function needMatch(present: DocumentRow, { ifMatch }: ItemOperation): void {
  if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== present.etag) throw preconditionFailed();
}

function preconditionFailed() {
  return refusal(412, 'One of the specified pre-condition is not met. Learn more: https://aka.ms/CosmosDB/sql/errors/precondition-failed');
}
