// One simulator a data folder. Two would write the same files and addresses.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '../host/start-error.ts';

export interface FolderLock {
  release(): void;
}

/** Locks the folder. The operating system releases the lock when the process ends for any reason. */
export function lockFolder(folder: string): FolderLock {
  const file = new DatabaseSync(join(folder, 'lock.sqlite'));
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    throw new StartError(
      `The folder ${folder} is in use by another simulator. Stop that one, or name another folder with --data.`,
      { cause: error },
    );
  }
  return { release: () => file.close() };
}
