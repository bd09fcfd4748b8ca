// Grants: the permission of a person for later actions by a schedule or an alert rule. The save of
// the schedule or rule creates the grant. A grant ends after LIFEBOAT_GRANT_DAYS.
import { config } from '../core/config.ts';
import { addSeconds } from '../core/clock.ts';
import type { Operation } from '../core/operations.ts';
import { rejected } from '../core/errors.ts';
import type { Caller } from './caller.ts';
import { OPERATION_ROLES, roleMissing } from './roles.ts';
import { type Role } from '../core/role.ts';

/** The person that gave the permission, and its period. */
export interface Grant {
  readonly by: Pick<Caller, 'id' | 'name' | 'tenant' | 'roles'>;
  readonly givenAt: string;
  readonly until: string;
}

const DAY_SECONDS = 86_400;

/** Creates a grant. Throws 403 unless the saving caller may start the operation. */
export function createGrant(
  { id, name, tenant, roles }: Caller,
  { operation }: { readonly operation: Operation },
  now: Date,
): Grant {
  const allowed: readonly Role[] = OPERATION_ROLES[operation];
  if (!allowed.some((role) => roles.includes(role)))
    throw roleMissing(
      operation,
      allowed,
      { name, roles },
      ', and a saved command would act in their name. Nothing was saved.',
    );
  return {
    by: { id, name, tenant, roles },
    givenAt: now.toISOString(),
    until: addSeconds(now, config().LIFEBOAT_GRANT_DAYS * DAY_SECONDS).toISOString(),
  };
}

export const hasGrantEnded = ({ until }: Grant, now: Date): boolean => Date.parse(until) <= now.getTime();

/**
 * Returns the caller for a command under this grant. Throws 403 after the end of the grant. The
 * usual role check still follows.
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
      `The permission of ${grant.by.name} ended at ${grant.until}. Nothing was started. Save the ` +
        'schedule or the rule again to renew the permission.',
    );
  return { ...grant.by, door };
}
