// Whether the target subscription has room for all the VMs together: a quota that suffices for each
// alone may not suffice for all.
import type { SizeFacts } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { key, sorted } from '../lookup.ts';
import type { Check } from '../preview.ts';

const TOTAL = 'cores';

export interface QuotaCheck extends Check {
  /** The family that is meant; null for all together. */
  readonly family: string | null;
}

const sumOf = (sizes: readonly SizeFacts[]): number => sizes.reduce((sum, { vcpus }) => sum + vcpus, 0);

function checkQuota(
  ground: Ground,
  family: string | null,
  own: readonly SizeFacts[],
  others: readonly SizeFacts[],
): QuotaCheck {
  const needed = sumOf(own) + sumOf(others);
  const vms =
    `${own.length} VMs ` +
    `together${others.length > 0 ? ` with ${others.length} that other running jobs are enabling` : ''}`;
  const { region, subscription } = ground.target;
  const quota = ground.look.quotas.get(key(family ?? TOTAL));
  const what = family === null ? `all vCPUs of ${region}` : `vCPUs of the family ${family} in ${region}`;
  const id = 'PRE-2';
  const name = family === null ? 'Quota in total' : `Quota of ${family}`;
  if (!quota)
    return {
      id,
      name,
      family,
      verdict: 'warn',
      message: `Azure tells no quota for ${what}; ${needed} are needed for ${vms}.`,
      remedy: 'Look it up under Usage + quotas of the target subscription.',
    };
  const free = Math.max(0, quota.limit - quota.used);
  const missing = needed - free;
  const state =
    `For ${what}, ${needed} are needed for ${vms}, and ${free} are free (${quota.used} of ` +
    `${quota.limit} used)`;
  if (missing <= 0) return { id, name, family, verdict: 'pass', message: `${state}.`, remedy: null };
  return {
    id,
    name,
    family,
    verdict: 'fail',
    message: `${state}: ${missing} are missing.`,
    remedy:
      `Request a quota of at least ${quota.used + needed} for "${quota.displayName}" in ` +
      `${region} for the subscription ${subscription} (Usage + quotas), or choose smaller ` +
      'sizes or fewer VMs.',
  };
}

/** Families in a fixed order, then the total. */
export function checkQuotas(ground: Ground, sizes: readonly SizeFacts[]): readonly QuotaCheck[] {
  if (sizes.length === 0) return [];
  const { look, wish, target } = ground;
  const asked = new Set(wish.vms.map(({ id }) => key(id)));
  const others = look.facts.coming
    .filter(({ vmId }) => !asked.has(key(vmId)))
    .flatMap(({ size }) => look.size(target.region, size) ?? []);
  const families = Map.groupBy(sizes, ({ family }) => family);
  return [
    ...sorted([...families], ([family]) => family).map(([family, own]) =>
      checkQuota(
        ground,
        family,
        own,
        others.filter((one) => one.family === family),
      ),
    ),
    checkQuota(ground, null, sizes, others),
  ];
}

export const concerns = (check: QuotaCheck, size: SizeFacts): boolean =>
  check.family === null || check.family === size.family;
