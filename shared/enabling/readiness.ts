// Reports whether VMs are ready for replication, and proposes the missing security rules. The
// readiness and network rules routes call this module. It changes nothing.
import { previewRequest } from './rules/previewRequest.ts';
import type { Refusal } from '../core/refusal.ts';
import { readinessOf, ruleFixesFor, type Readiness } from './rules/checks/readiness.ts';
import { rejected } from '../core/errors.ts';
import { previewFromAzure, type FindVmsBeingEnabled } from './previewFromAzure.ts';
import { siteRecoveryClientFor } from '../scenarios/adapter.ts';
import { findVms } from '../replications/registry.ts';
import { withEffectiveRules } from '../azure/effectiveRules.ts';
import { withReadFaults } from '../azure/readFaults.ts';
import { readRequestFacts } from './readRequestFacts.ts';
import type { CommonRequest, SecurityGroupFix } from '../scenarios/enabling/support.ts';
import { PrepareRequest, requireCapabilities } from '../scenarios/drivers.ts';
import type { Scenario } from '../core/scenario.ts';

/** The readiness report of one request. */
export interface ReadinessResult extends Readiness {
  /** The reasons against the whole request, and for each VM the reasons besides the checks. */
  readonly refusals: readonly (Refusal & { readonly vmId: string | null })[];
  /** Interfaces with known configured rules only; Azure did not show their effective rules. */
  readonly withoutEffectiveRules: readonly string[];
}

/** Reports the readiness of a request with the effective security rules. */
export async function reportReadiness(
  request: CommonRequest,
  findVmsBeingEnabled: FindVmsBeingEnabled,
): Promise<ReadinessResult> {
  const { facts } = await previewFromAzure(request, findVmsBeingEnabled);
  const effective = await withEffectiveRules(facts, new Set(request.vms.map((id) => id.toLowerCase())));
  const preview = previewRequest(effective.facts, request);
  const vmRefusals =
    preview.refusals.length > 0
      ? []
      : preview.vms.flatMap(({ vmId, refusals }) => refusals.map((refusal) => ({ ...refusal, vmId })));
  const report = readinessOf(preview, effective.facts, request);
  const refusals = [...preview.refusals.map((refusal) => ({ ...refusal, vmId: null })), ...vmRefusals];
  return {
    ...report,
    verdict: refusals.length > 0 ? 'fail' : report.verdict,
    refusals,
    withoutEffectiveRules: effective.unreadNics,
  };
}

/**
 * Reports the readiness of replicated VMs by their Lifeboat ids: one report for each vault and
 * direction.
 */
export async function reportReadinessOfReplicated(
  ids: readonly string[],
  findVmsBeingEnabled: FindVmsBeingEnabled,
): Promise<readonly ReadinessResult[]> {
  const vms = await findVms(ids);
  const unknown = ids.filter((id) => !vms.some((vm) => vm.id === id));
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `Lifeboat does not know ${unknown.join(', ')}. Nothing was checked. GET ` +
        '/api/v1/replications lists the known VMs.',
      { vms: unknown },
    );
  const sourceVmIds = await readSourceVmIds([...new Set(vms.map((vm) => vm.vaultArmId))]);
  const vmsByPath = Map.groupBy(vms, (vm) =>
    JSON.stringify([
      vm.scenario,
      vm.vaultArmId,
      vm.sites[vm.direction].region,
      vm.sites[vm.direction === 'original' ? 'reversed' : 'original'].region,
    ]),
  );
  return Promise.all(
    [...vmsByPath].map(([path, vmsOfPath]) => {
      const [scenario, vaultArmId, from, to] = JSON.parse(path) as [Scenario, string, string, string];
      const sourceIds = vmsOfPath.flatMap((vm) => sourceVmIds.get(vm.armId.toLowerCase()) ?? []);
      return reportReadiness(
        requireCapabilities(scenario).enabling.requestOfReplicated({
          vaultArmId,
          from: { region: from, subscription: '' },
          to: { region: to, subscription: '' },
          sourceVmIds: sourceIds,
          itemIds: vmsOfPath.map(({ armId }) => armId),
        }),
        findVmsBeingEnabled,
      );
    }),
  );
}

/** The source VMs of all items in these vaults, by ARM id of the item. */
async function readSourceVmIds(vaults: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const items = await Promise.all(
    vaults.map((vault) =>
      withReadFaults(`the items of ${vault}`, async () => (await siteRecoveryClientFor(vault)).listItems()),
    ),
  );
  return new Map(items.flat().map((item) => [item.armId.toLowerCase(), item.sourceVmId]));
}

/** A request for security rules. */
export type RuleFixRequest = Pick<PrepareRequest, 'vms' | 'multiVmGroup'> & {
  readonly target?: Pick<PrepareRequest['target'], 'region'> | undefined;
};

/**
 * Proposes the security rules that these VMs need, for each security group with a blocked
 * connection.
 */
export async function proposeRuleFixes({ vms: ids, target, multiVmGroup }: RuleFixRequest): Promise<{
  readonly securityGroups: readonly SecurityGroupFix[];
  readonly withoutEffectiveRules: readonly string[];
}> {
  // The target region only decides how narrow an allowed service tag may be. An unknown
  // region needs no more reads.
  const configuredFacts = await readRequestFacts(
    PrepareRequest.parse({ vms: ids, target: target ?? { region: 'nowhere' } }),
    {},
  );
  const requestedIds = new Set(ids.map((id) => id.toLowerCase()));
  const vms = configuredFacts.vms.filter(({ id }) => requestedIds.has(id.toLowerCase()));
  const unknown = ids.filter((id) => !vms.some((vm) => vm.id.toLowerCase() === id.toLowerCase()));
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `There is no VM ${unknown.join(', ')}, or it cannot be seen. Nothing was checked. GET ` +
        '/api/v1/sources/vms lists the VMs.',
      { vms: unknown },
    );
  const { facts, unreadNics } = await withEffectiveRules(configuredFacts, requestedIds);
  const vmsByLocation = Map.groupBy(vms, ({ region, subscription }) => `${region} ${subscription}`);
  const securityGroups = [...vmsByLocation.values()].flatMap((vmsOfLocation) =>
    ruleFixesFor(
      facts,
      PrepareRequest.parse({
        vms: vmsOfLocation.map(({ id }) => id),
        target: target ?? { region: vmsOfLocation[0]?.region },
        multiVmGroup,
      }),
    ),
  );
  return { securityGroups, withoutEffectiveRules: unreadNics };
}
