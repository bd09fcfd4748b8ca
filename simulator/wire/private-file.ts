import { renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a file that only its owner may read. A kill leaves either the old file or the complete new
 * file.
 */
export function writePrivateFile(path: string, content: string): void {
  // An existing file would keep its old permissions.
  rmSync(`${path}.new`, { force: true });
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
