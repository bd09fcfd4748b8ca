// The access rights of one AMQP connection: the tokens that the client has sent, and the rights that
// they give on entities.

import type { BrokerContext } from '../broker-context.ts';
import { BrokerError } from '../broker-error.ts';
import {
  checkToken,
  isCovered,
  resourcePath,
  type AccessClaim,
  type AccessRight,
  type CheckedToken,
  type SasKey,
} from '../sas.ts';

export interface AccessServices {
  readonly broker: BrokerContext;
  readonly keys: readonly SasKey[];
  /**
   * Returns the rights on queues and topics for a token of Entra ID, or undefined for an untrusted
   * token. Without this function, the broker accepts no such token.
   */
  readonly entra?:
    | ((token: string) => { readonly rights: readonly AccessRight[]; readonly expires: number } | undefined)
    | undefined;
}

export class ClientAccess {
  private readonly services: AccessServices;
  private claims: AccessClaim[] = [];

  constructor(services: AccessServices) {
    this.services = services;
  }

  /**
   * Any right on the entity opens its management link. Each request on the link then needs its own
   * right.
   */
  require(address: string, right: AccessRight | undefined): void {
    const path = resourcePath(address);
    const now = this.services.broker.now();
    const open = this.claims.filter((claim) => isCovered(claim, path, now));
    if (open.some((claim) => isCovered(claim, path, now, right) && claim.rights?.length !== 0)) return;
    throw new BrokerError(
      'amqp:unauthorized-access',
      open.length === 0
        ? `Unauthorized access: a token that opens '${path}' is required.`
        : `Unauthorized access. '${right ?? 'Send or Listen'}' claim(s) are required to perform ` +
            `this operation. Resource: '${path}'.`,
    );
  }

  /** Replaces the token for the same path. Throws when the broker does not trust the token. */
  addToken(type: string, token: string, audience: string): void {
    const claim = this.check(type, token, audience);
    if ('refused' in claim) throw new BrokerError('amqp:unauthorized-access', claim.refused);
    const now = this.services.broker.now();
    this.claims = [...this.claims.filter(({ path, expires }) => path !== claim.path && expires > now), claim];
  }

  private check(type: string, token: string, audience: string): CheckedToken {
    const { keys, broker, entra } = this.services;
    if (type !== 'jwt') return checkToken(token, audience, keys, broker.now());
    const rights = entra?.(token);
    return rights === undefined
      ? {
          refused:
            'InvalidToken: The token has an invalid signature, is expired, or was issued for another ' +
            'audience.',
        }
      : { path: resourcePath(audience), ...rights };
  }
}
