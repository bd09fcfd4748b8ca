// Keeps the simulated time between two runs of the simulator, so that the time never goes
// backwards.

import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';

export interface ClockFile {
  /** Returns the earliest simulated time for the next start. */
  read(): number | undefined;
  write(notBefore: number): void;
}

/** Opens the file of the simulated time. The file may not exist yet. */
export function openClockFile(path: string): ClockFile {
  let file: number | undefined;
  return {
    read() {
      if (!existsSync(path)) return undefined;
      const { notBefore } = JSON.parse(readFileSync(path, 'utf8')) as { notBefore: string };
      return Date.parse(notBefore);
    },
    write(notBefore) {
      // The clock calls this at each jump, so one write in place must suffice. All values have the
      // same length, and a kill leaves the old value or the new one, never a mixture.
      file ??= openSync(path, existsSync(path) ? 'r+' : 'w');
      writeSync(file, JSON.stringify({ notBefore: new Date(notBefore).toISOString() }), 0);
    },
  };
}
