// What people keep by name in the settings, such as call-back addresses and alert rules: one
// partition for each kind, changed under If-Match.
import { batch, create, query, read, type Stored } from './cosmos.ts';

const SETTINGS = 'settings';

export interface Kept {
  /** `{kind}:{name}`. */
  readonly id: string;
  readonly kind: string;
  /** From 1 on; each change is a new one. */
  readonly version: number;
}

export const keptId = (kind: string, name: string): string => `${kind}:${name}`;
export const nameOf = ({ id, kind }: Kept): string => id.slice(kind.length + 1);

export const readKept = <T extends Kept>(kind: T['kind'], name: string): Promise<Stored<T> | undefined> =>
  read<T>(SETTINGS, keptId(kind, name), kind);

export const allKept = <T extends Kept>(kind: T['kind']): Promise<Stored<T>[]> =>
  query<T>(SETTINGS, { where: 'true', order: 'c.id', partition: { key: 'kind', value: kind } });

/** False when somebody else has made, changed or removed it meanwhile. */
export async function saveKept(next: Kept, before: Stored<Kept> | undefined): Promise<boolean> {
  if (!before) return create(SETTINGS, next);
  return (await batch(SETTINGS, next.kind, [{ replace: next, etag: before._etag }])) !== undefined;
}

export const removeKept = async (kept: Stored<Kept>): Promise<boolean> =>
  (await batch(SETTINGS, kept.kind, [{ remove: kept.id, etag: kept._etag }])) !== undefined;
