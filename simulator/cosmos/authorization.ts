// Parses the Authorization header of Cosmos DB: `type=...&ver=1.0&sig=...`, plain or
// percent-encoded.

import type { Exchange } from '../wire/exchange.ts';

export interface Authorization {
  readonly type: string;
  /** The signature in base64, or the token. */
  readonly signature: string;
}

/** Parses the header. Returns undefined when the header is missing or malformed. */
export function parseAuthorization({ headers }: Exchange): Authorization | undefined {
  const fields = /^type=(?<type>\w+)&ver=1\.0&sig=(?<signature>.+)$/.exec(
    decodeHeader(headers['authorization'] ?? ''),
  )?.groups;
  return fields === undefined
    ? undefined
    : { type: fields['type'] ?? '', signature: fields['signature'] ?? '' };
}

/** Returns the caller's token of Microsoft Entra ID, if the header contains one. */
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
