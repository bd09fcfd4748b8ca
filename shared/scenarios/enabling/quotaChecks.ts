// Checks the quota of the target subscription for all VMs together. A quota for each VM alone may
// not be enough for all. Pure.
import type { SizeFacts } from '../../azure/facts.ts';
import { keyOf, sortBy, type Lookup } from './lookup.ts';
import type { Location } from './support.ts';
import type { ReadinessCheck } from './preview.ts';

const TOTAL_QUOTA_NAME = 'cores';

/** The parts of a request that decide its quota. */
export interface QuotaScope {
  readonly lookup: Lookup;
  readonly target: Location;
  readonly request: { readonly vms: readonly string[] };
}

/** A quota check for a family of sizes, or for all vCPUs. */
export interface QuotaCheck extends ReadinessCheck {
  /** The family of sizes; null for all sizes together. */
  readonly family: string | null;
}

const totalVcpusOf = (sizes: readonly SizeFacts[]): number =>
  sizes.reduce((sum, { vcpus }) => sum + vcpus, 0);

function checkQuota(
  scope: QuotaScope,
  family: string | null,
  sizes: readonly SizeFacts[],
  sizesOfOtherJobs: readonly SizeFacts[],
): QuotaCheck {
  const needed = totalVcpusOf(sizes) + totalVcpusOf(sizesOfOtherJobs);
  const vms =
    `${sizes.length} VMs together` +
    (sizesOfOtherJobs.length > 0
      ? ` with ${sizesOfOtherJobs.length} that other running jobs are enabling`
      : '');
  const { region, subscription } = scope.target;
  const quota = scope.lookup.quotas.get(keyOf(family ?? TOTAL_QUOTA_NAME));
  const quotaText = family === null ? `all vCPUs of ${region}` : `vCPUs of the family ${family} in ${region}`;
  const id = 'PRE-2';
  const name = family === null ? 'Quota in total' : `Quota of ${family}`;
  if (!quota)
    return {
      id,
      name,
      family,
      verdict: 'warn',
      message: `Azure shows no quota for ${quotaText}; ${needed} are needed for ${vms}.`,
      remedy: 'Look it up under Usage + quotas of the target subscription.',
    };
  const free = Math.max(0, quota.limit - quota.used);
  const missing = needed - free;
  const state =
    `For ${quotaText}, ${needed} are needed for ${vms}, and ${free} are free (${quota.used} of ` +
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

/** The checks of all families in a fixed order, and then the check of the total. */
export function checkQuotas(scope: QuotaScope, sizes: readonly SizeFacts[]): readonly QuotaCheck[] {
  if (sizes.length === 0) return [];
  const { lookup, request, target } = scope;
  const requestedIds = new Set(request.vms.map(keyOf));
  const sizesOfOtherJobs = lookup.facts.incomingVms
    .filter(({ vmId }) => !requestedIds.has(keyOf(vmId)))
    .flatMap(({ size }) => lookup.findSize(target.region, size) ?? []);
  const families = Map.groupBy(sizes, ({ family }) => family);
  return [
    ...sortBy([...families], ([family]) => family).map(([family, familySizes]) =>
      checkQuota(
        scope,
        family,
        familySizes,
        sizesOfOtherJobs.filter((size) => size.family === family),
      ),
    ),
    checkQuota(scope, null, sizes, sizesOfOtherJobs),
  ];
}

/** Tells whether a quota check applies to a size. */
export const appliesToSize = (check: QuotaCheck, size: SizeFacts): boolean =>
  check.family === null || check.family === size.family;
