// Optimistic concurrency over HTTP. A caller that changes a shared document sends the version that
// it has read.
import { rejected, type LifeboatError } from './errors.ts';

interface Versioned {
  readonly version: number;
}

/** Returns the ETag of a version. */
export const etagOf = ({ version }: Versioned): string => `"${version}"`;

/**
 * True when the caller already has this version. If-None-Match may list several ETags, also weak
 * ones.
 */
export const matchesEtag = (ifNoneMatch: string | null, etag: string): boolean =>
  (ifNoneMatch ?? '')
    .split(',')
    .map((candidate) => candidate.trim().replace(/^W\//, ''))
    .some((candidate) => candidate === etag || candidate === '*');

/** The document under change. `noun` starts the error code; `name` is the name for people. */
export interface ChangedThing {
  readonly noun: string;
  readonly name: string;
}

/** Throws when If-Match does not fit the stored version: 428 without it, 412 otherwise. */
export function assertIfMatch(
  { noun, name }: ChangedThing,
  before: Versioned | undefined,
  ifMatch: string | null,
): void {
  if (!before) {
    if (ifMatch !== null)
      throw rejected(
        412,
        `${noun}Unknown`,
        `If-Match names a version, but ${name} does not exist. Nothing was created. Leave ` +
          'If-Match out to create it.',
      );
    return;
  }
  if (ifMatch === null)
    throw rejected(
      428,
      'IfMatchMissing',
      `If-Match is missing, and ${name} already exists at version ${before.version}. Nothing was ` +
        `changed. Read it, and send If-Match: ${etagOf(before)} with the change.`,
      { version: before.version },
    );
  if (ifMatch !== etagOf(before)) throw changedByOthers({ noun, name }, before);
}

/** Creates the 412 error for a document that another caller has changed or removed. */
export const changedByOthers = ({ noun, name }: ChangedThing, now: Versioned | undefined): LifeboatError =>
  rejected(
    412,
    `${noun}Changed`,
    `Others have changed ${name}, which is ${now ? `at version ${now.version}` : 'gone'} ` +
      'now. Nothing was changed. Read it again, and make the change on that version.',
    { version: now?.version ?? 0 },
  );
