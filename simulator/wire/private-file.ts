import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a file that only its owner may read, wholly or not at all. */
export function writePrivateFile(path: string, content: string): void {
  // A file that exists would keep its mode.
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
