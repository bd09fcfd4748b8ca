// Where story time is kept between two runs of the desk, so that it never goes backwards.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface ClockFile {
  /** The moment before which story time may not start again. */
  read(): number | undefined;
  write(notBefore: number): void;
}

export function clockFile(path: string): ClockFile {
  return {
    read() {
      if (!existsSync(path)) return undefined;
      const { notBefore } = JSON.parse(readFileSync(path, 'utf8')) as { notBefore: string };
      return Date.parse(notBefore);
    },
    write(notBefore) {
      // Renamed into place, so that a kill leaves the old moment or the new one and never half of one.
      writeFileSync(`${path}.new`, JSON.stringify({ notBefore: new Date(notBefore).toISOString() }));
      renameSync(`${path}.new`, path);
    },
  };
}
