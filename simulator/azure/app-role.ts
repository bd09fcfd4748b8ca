// The role that the app has in Azure, from the file that Azure's template reads, too.

import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { StartError } from '../host/start-error.ts';

const roleFileSchema = z.object({ armActions: z.record(z.string(), z.array(z.string())).optional() });

/** All actions of the file's lists together. A file without lists gives the app every right. */
export function readAppActions(name: string): readonly string[] | undefined {
  const read = roleFileSchema.safeParse(JSON.parse(readFileSync(name, 'utf8')));
  if (!read.success)
    throw new StartError(
      `${name} does not name the actions of the app's role as it should: ${z.prettifyError(read.error)}`,
    );
  const { armActions } = read.data;
  return armActions && [...new Set(Object.values(armActions).flat())];
}
