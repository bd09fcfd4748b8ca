// Plans the replication policy: the retention of recovery points, and the interval of
// application-consistent points. Pure.
import { sameId } from '../../../../siterecovery/item.ts';
import type { PolicyFacts } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { sortBy } from '../../../enabling/lookup.ts';
import { A2A } from '../../instanceType.ts';
import { freeName } from '../../../enabling/resourceNames.ts';
import {
  recordChoice,
  formatList,
  refuse,
  type Notes,
  type PlannedPrerequisite,
} from '../../../enabling/notes.ts';
import { planPrerequisite, policyIdInVault, vaultPrerequisite } from './prerequisites.ts';

interface RequestedPolicy {
  readonly retentionMinutes: number;
  readonly appConsistentMinutes: number;
}

/** A policy fits only one scenario. */
const isOfScenario = ({ instanceType }: PolicyFacts): boolean => sameId(instanceType, A2A);
const hasValues = (policy: PolicyFacts, wanted: RequestedPolicy): boolean =>
  policy.retentionMinutes === wanted.retentionMinutes &&
  policy.appConsistentMinutes === wanted.appConsistentMinutes;

const formatHours = (minutes: number): string => `${minutes / 60} h`;
const describePolicy = ({ retentionMinutes, appConsistentMinutes }: RequestedPolicy): string =>
  `recovery points kept for ${formatHours(retentionMinutes)}, app-consistent ones ` +
  (appConsistentMinutes === 0 ? 'off' : `every ${appConsistentMinutes} minutes`);

/** Plans the policy of a request: an existing one or a new one. */
export function policyPrerequisite(scope: RequestScope, notes: Notes): PlannedPrerequisite {
  const { policy: request } = scope.request;
  const wanted: RequestedPolicy = {
    retentionMinutes: request.retentionHours * 60,
    appConsistentMinutes: request.appConsistentHours === 'off' ? 0 : request.appConsistentHours * 60,
  };
  const fitsRequest = (policy: PolicyFacts): boolean => isOfScenario(policy) && hasValues(policy, wanted);
  const policies = sortBy(scope.vault.facts?.policies ?? [], ({ name }) => name);
  const named =
    request.name === undefined ? undefined : policies.find(({ name }) => sameId(name, request.name ?? ''));
  const existing = request.name === undefined ? policies.find(fitsRequest) : named;
  const snapshots = wanted.appConsistentMinutes === 0 ? 'off' : `${wanted.appConsistentMinutes / 60}h`;
  const name =
    request.name ??
    freeName(
      `retention-${request.retentionHours}h-snapshots-${snapshots}`,
      (policy) => policies.some((other) => sameId(other.name, policy)),
      'policy',
    );
  if (existing && !fitsRequest(existing)) {
    const actualText = isOfScenario(existing)
      ? describePolicy(existing)
      : `the provider ${existing.instanceType}`;
    const fitting = policies.filter(fitsRequest).map((policy) => policy.name);
    refuse(
      notes,
      'PolicyDiffers',
      `The vault has a policy "${existing.name}" with ${actualText}; asked for were ${describePolicy(wanted)}. ` +
        'Give another name, or ask for its values. Policies with these values: ' +
        `${formatList(fitting)}.`,
    );
  }
  const reason = !existing
    ? 'The vault has no policy ' +
      `${request.name === undefined ? 'with these values' : 'by this name'}, so it is made.`
    : request.name === undefined
      ? 'The vault has a policy with these values.'
      : 'The vault has it by this name, with these values.';
  recordChoice(notes, 'policy', existing?.name ?? name, `${reason} It means: ${describePolicy(wanted)}.`);
  const spec = { kind: 'policy', ...wanted } as const;
  return existing
    ? planPrerequisite('reuse', existing.id, existing.name, reason, [vaultPrerequisite(scope)], spec)
    : planPrerequisite(
        'create',
        policyIdInVault(scope, name),
        name,
        reason,
        [vaultPrerequisite(scope)],
        spec,
      );
}
