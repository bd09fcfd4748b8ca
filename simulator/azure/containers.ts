// Reads the containers of Cosmos DB. Azure's deployment template reads the same file.

import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { ContainerDefinition } from '../cosmos/server.ts';
import { StartError } from '../host/start-error.ts';

const pathSchema = z.string().startsWith('/');

const containersFileSchema = z.object({
  database: z.string(),
  containers: z.array(
    z.object({
      id: z.string(),
      /** Several paths form a hierarchical key. */
      partitionKey: z.union([pathSchema, z.array(pathSchema).min(1)]),
      compositeIndexes: z
        .array(
          z.array(z.object({ path: pathSchema, order: z.enum(['ascending', 'descending']).exactOptional() })),
        )
        .exactOptional(),
      defaultTtl: z.int().exactOptional(),
      uniqueKeys: z.array(z.object({ paths: z.array(pathSchema).min(1) })).exactOptional(),
    }),
  ),
});

/** Reads the container definitions. Throws StartError when the file has an error. */
export function readContainers(name: string): ContainerDefinition[] {
  const read = containersFileSchema.safeParse(JSON.parse(readFileSync(name, 'utf8')));
  if (!read.success)
    throw new StartError(`${name} has an error in the containers: ${z.prettifyError(read.error)}`);
  const { database, containers } = read.data;
  return containers.map(({ partitionKey, ...others }) => ({
    ...others,
    database,
    partitionKeyPaths: [partitionKey].flat(),
  }));
}
