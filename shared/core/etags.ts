// Who changes what others may change too says which version they have read.
import { rejected, type LifeboatError } from './errors.ts';

interface Versioned {
  readonly version: number;
}

export const etagOf = ({ version }: Versioned): string => `"${version}"`;

/**
 * Whether somebody who fetches a thing again has it already: by If-None-Match, which may name
 * several, as weak ones too.
 */
export const matchesEtag = (ifNoneMatch: string | null, etag: string): boolean =>
  (ifNoneMatch ?? '')
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === etag || one === '*');

/** What is changed: `noun` as a code begins with it, `name` as people call this one. */
export interface ChangedThing {
  readonly noun: string;
  readonly name: string;
}

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
        `There is no ${name} that could be changed. Nothing was made. Leave If-Match out to make it.`,
      );
    return;
  }
  if (ifMatch === null)
    throw rejected(
      428,
      'IfMatchMissing',
      `There is ${name} already, at version ${before.version}. Nothing was changed. Read it, ` +
        `and send If-Match: ${etagOf(before)} with the change.`,
      { version: before.version },
    );
  if (ifMatch !== etagOf(before)) throw changedByOthers({ noun, name }, before);
}

export const changedByOthers = ({ noun, name }: ChangedThing, now: Versioned | undefined): LifeboatError =>
  rejected(
    412,
    `${noun}Changed`,
    `Others have changed ${name}, which is ${now ? `at version ${now.version}` : 'gone'} ` +
      'now. Nothing was changed. Read it again, and make the change on that.',
    { version: now?.version ?? 0 },
  );
