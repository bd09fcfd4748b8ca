// Reads the actions of the app's role in Azure. Azure's deployment template reads the same file.

import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { StartError } from '../host/start-error.ts';

const roleFileSchema = z.object({ armActions: z.record(z.string(), z.array(z.string())).optional() });

/**
 * Returns all actions of the file's lists. A file without lists gives the app all rights
 * (undefined).
 */
export function readAppActions(name: string): readonly string[] | undefined {
  const read = roleFileSchema.safeParse(JSON.parse(readFileSync(name, 'utf8')));
  if (!read.success)
    throw new StartError(
      `${name} has an error in the actions of the app's role: ${z.prettifyError(read.error)}`,
    );
  const { armActions } = read.data;
  return armActions && [...new Set(Object.values(armActions).flat())];
}
