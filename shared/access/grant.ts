// In whose name, and by what right, things act that nobody sends at that moment: schedules, and
// alert rules. Made when they are saved; it ends.
import { config } from '../core/config.ts';
import { addSeconds } from '../core/clock.ts';
import type { Operation } from '../core/operations.ts';
import { rejected } from '../core/errors.ts';
import type { Caller } from './caller.ts';
import { OPERATION_ROLES } from './roles.ts';
import { type Role } from '../core/role.ts';

export interface Grant {
  readonly by: Pick<Caller, 'id' | 'name' | 'tenant' | 'roles'>;
  readonly givenAt: string;
  readonly until: string;
}

const DAY_SECONDS = 86_400;

/** Whoever saves something that will act must be one who may do so. */
export function createGrant(
  { id, name, tenant, roles }: Caller,
  { operation }: { readonly operation: Operation },
  now: Date,
): Grant {
  const allowed: readonly Role[] = OPERATION_ROLES[operation];
  if (!allowed.some((role) => roles.includes(role)))
    throw rejected(
      403,
      'RoleMissing',
      `${operation} needs the role ${allowed.join(' or ')}; ${name} has ` +
        `${roles.join(', ') || 'none'}, and what is saved would act in their name. Nothing was ` +
        'saved.',
    );
  return {
    by: { id, name, tenant, roles },
    givenAt: now.toISOString(),
    until: addSeconds(now, config().LIFEBOAT_GRANT_DAYS * DAY_SECONDS).toISOString(),
  };
}

export const hasGrantEnded = ({ until }: Grant, now: Date): boolean => Date.parse(until) <= now.getTime();

/**
 * Who the command comes from; refused once the grant has ended. What the roles allow is asked again
 * as for everybody.
 */
export function callerOfGrant(
  grant: Grant,
  door: Extract<Caller['door'], 'schedule' | 'webhook'>,
  now: Date,
): Caller {
  if (hasGrantEnded(grant, now))
    throw rejected(
      403,
      'GrantEnded',
      `What ${grant.by.name} has allowed ended at ${grant.until}. Nothing was started. Save it ` +
        'again to renew it.',
    );
  return { ...grant.by, door };
}
