// Authenticates a caller by the account's key. The caller signs the request instead of sending a
// token.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SimulatorResponse, Exchange } from '../wire/exchange.ts';
import { parseResourcePath } from './resource-path.ts';
import { parseAuthorization } from './authorization.ts';
import { CosmosError } from './errors.ts';

export type Authentication = { readonly refused: SimulatorResponse } | { readonly principal: string };

/** Checks the signature of a request. `key` is the account's key in base64. */
export function checkMasterKey(exchange: Exchange, key: string): Authentication {
  const authorization = parseAuthorization(exchange);
  const signature =
    authorization?.type === 'master' ? Buffer.from(authorization.signature, 'base64') : undefined;
  const payload = signedPayload(exchange);
  const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(payload).digest();
  if (signature?.length === expected.length && timingSafeEqual(signature, expected))
    return { principal: 'master-key' };
  const reason =
    "The input authorization token can't serve the request. The wrong key is being used or " +
    'the expected payload is not built as per the protocol. ' +
    'For more info: https://aka.ms/cosmosdb-tsg-unauthorized. Server used the following ' +
    `payload to sign: '${payload}'`;
  const activityId = crypto.randomUUID();
  return {
    refused: {
      status: 401,
      headers: { 'x-ms-activity-id': activityId },
      body: new CosmosError(401, reason).body(activityId),
    },
  };
}

function signedPayload(exchange: Exchange): string {
  const { type, link } = parseResourcePath(exchange.path);
  const date = exchange.headers['x-ms-date'] ?? '';
  return `${exchange.method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`;
}
