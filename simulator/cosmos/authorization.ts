// The Authorization header of Cosmos DB: `type=...&ver=1.0&sig=...`, sent plain or percent-encoded.

import type { Exchange } from '../wire/exchange.ts';

export interface Authorization {
  readonly type: string;
  /** A signature in base64, or a token. */
  readonly signature: string;
}

export function parseAuthorization({ headers }: Exchange): Authorization | undefined {
  const fields = /^type=(?<type>\w+)&ver=1\.0&sig=(?<signature>.+)$/.exec(
    decodeHeader(headers['authorization'] ?? ''),
  )?.groups;
  return fields === undefined
    ? undefined
    : { type: fields['type'] ?? '', signature: fields['signature'] ?? '' };
}

/** The token of Microsoft Entra ID, when the caller is known by one. */
export function entraTokenOf(exchange: Exchange): string | undefined {
  const authorization = parseAuthorization(exchange);
  return authorization?.type === 'aad' ? authorization.signature : undefined;
}

function decodeHeader(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return '';
  }
}
