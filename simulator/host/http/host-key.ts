// The key of the administrator's endpoints and of the durable webhooks. In Azure each app has keys
// of its own. Here the key is no secret: it only shows an app and its tests what a call without a
// key gets.

import type { HostRequest } from './request.ts';

export const HOST_KEY = 'simulator';
/** The headers of a request with the key. */
export const HOST_KEY_HEADERS: Readonly<Record<string, string>> = { 'x-functions-key': HOST_KEY };
/** The query of an address with the key. */
export const HOST_KEY_QUERY = `code=${HOST_KEY}`;

/** A caller sends the key in a header or in the query. */
export const hasHostKey = ({ headers, url }: HostRequest): boolean =>
  headers['x-functions-key'] === HOST_KEY || url.searchParams.get('code') === HOST_KEY;
