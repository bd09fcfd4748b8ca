// Plans the replication policy of a request for machines on premises. Pure.
import type { Prerequisite } from '../../../azure/prerequisite.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { VaultFacts } from '../../../azure/facts.ts';
import { formatList, refuse, type Notes } from '../notes.ts';
import { policyIdOf } from '../resourceNames.ts';
import { part } from './target.ts';

/** The values of a policy in a request. */
export interface RequestedPolicy {
  readonly name?: string | undefined;
  readonly retentionHours: number;
  readonly appConsistentHours: number | 'off';
}

/** The policy of the request: an existing one with its values, or a new one. */
export function planPolicy(
  { vault, vaultId }: { readonly vault: VaultFacts | null; readonly vaultId: string },
  { name, retentionHours, appConsistentHours }: RequestedPolicy,
  {
    instanceType,
    prefix,
    form,
  }: { readonly instanceType: string; readonly prefix: string; readonly form?: string },
  notes: Notes,
): Prerequisite {
  const spec = {
    kind: 'policy',
    retentionMinutes: retentionHours * 60,
    appConsistentMinutes: appConsistentHours === 'off' ? 0 : appConsistentHours * 60,
    ...(form === undefined ? {} : { form }),
  } as const;
  const snapshots = appConsistentHours === 'off' ? 'off' : `${appConsistentHours}h`;
  const wantedName = name ?? `${prefix}-${retentionHours}h-snapshots-${snapshots}`;
  const policies = vault?.policies ?? [];
  const named = policies.find((policy) => sameId(policy.name, wantedName));
  const fits = (policy: (typeof policies)[number]): boolean =>
    sameId(policy.instanceType, instanceType) &&
    policy.retentionMinutes === spec.retentionMinutes &&
    policy.appConsistentMinutes === spec.appConsistentMinutes;
  const existing = name === undefined ? (policies.find(fits) ?? named) : named;
  if (existing && !fits(existing))
    refuse(
      notes,
      'PolicyDiffers',
      `The vault has a policy "${existing.name}" with other values or for another scenario. Give another ` +
        `name. Policies with the wanted values: ${formatList(policies.filter(fits).map((policy) => policy.name))}.`,
    );
  return existing
    ? part('reuse', existing.id, 'The vault has a policy with these values.', spec)
    : part('create', policyIdOf(vaultId, wantedName), 'The vault has no such policy yet.', spec);
}
