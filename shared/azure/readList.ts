// Reads a list in Azure Resource Manager that no SDK of Lifeboat knows.
import * as z from 'zod';
import { subscriptionOf } from '../core/armId.ts';
import { resourcesClient, undefinedIfNotFound } from './clients.ts';

const Page = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });

/** All entries of the list. A missing list is empty. */
export async function readList(id: string, apiVersion: string): Promise<readonly unknown[]> {
  const { resources } = await resourcesClient(subscriptionOf(id));
  const entries: unknown[] = [];
  for (let path: string | undefined = id.slice(1); path !== undefined;) {
    let body = '';
    const onResponse = ({ bodyAsText }: { readonly bodyAsText?: string | null }): void => {
      body = bodyAsText ?? '';
    };
    const found = await undefinedIfNotFound(resources.getById(path, apiVersion, { onResponse }));
    if (found === undefined) return entries;
    const { value, nextLink }: z.infer<typeof Page> = Page.parse(JSON.parse(body));
    entries.push(...value);
    path = nextLink ? pathOf(nextLink) : undefined;
  }
  return entries;
}

/** The SDK adds host and version to a path. */
function pathOf(nextLink: string): string {
  const url = new URL(nextLink);
  url.searchParams.delete('api-version');
  return `${url.pathname.slice(1)}${url.search}`;
}
