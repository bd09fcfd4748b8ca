// Where story time is kept between two runs of the simulator, so that it never goes backwards.

import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';

export interface ClockFile {
  /** The moment before which story time may not start again. */
  read(): number | undefined;
  write(notBefore: number): void;
}

export function openClockFile(path: string): ClockFile {
  let file: number | undefined;
  return {
    read() {
      if (!existsSync(path)) return undefined;
      const { notBefore } = JSON.parse(readFileSync(path, 'utf8')) as { notBefore: string };
      return Date.parse(notBefore);
    },
    write(notBefore) {
      // At each jump, so by one write in place: every moment is as long as any other, and a kill
      // leaves the old one or the new one, never half of one.
      file ??= openSync(path, existsSync(path) ? 'r+' : 'w');
      writeSync(file, JSON.stringify({ notBefore: new Date(notBefore).toISOString() }), 0);
    },
  };
}
