// Whether VMs are ready to be replicated, and the security rules that would make them so.
import type { Mending } from './rules/network/ruleFixes.ts';
import { previewEnabling } from './rules/previewEnabling.ts';
import type { Refusal } from '../core/refusal.ts';
import { readinessOf, rulesFor, type Readiness } from './rules/checks/readiness.ts';
import { PrepareWish } from './rules/request/request.ts';
import { rejected } from '../core/errors.ts';
import { previewOf, type ComingVms } from './previewNow.ts';
import { siteRecoveryOf } from '../scenarios/adapter.ts';
import { findVms } from '../replications/registry.ts';
import { withEffectiveRules } from '../azure/effectiveRules.ts';
import { reading } from '../azure/faults.ts';
import { survey } from './survey.ts';

export interface Report extends Readiness {
  /** Why nothing at all may begin, and by VM what speaks against it beyond the checks. */
  readonly refusals: readonly (Refusal & { readonly vmId: string | null })[];
  /** Interfaces of which only the configured security rules are known, not those that hold. */
  readonly withoutEffectiveRules: readonly string[];
}

/** With the security rules as they truly hold. */
export async function reportOn(wish: PrepareWish, comingVms: ComingVms): Promise<Report> {
  const { facts } = await previewOf(wish, comingVms);
  const seen = await withEffectiveRules(facts, new Set(wish.vms.map(({ id }) => id.toLowerCase())));
  const preview = previewEnabling(seen.facts, wish);
  const ofVms =
    preview.refusals.length > 0
      ? []
      : preview.vms.flatMap(({ vmId, refusals }) => refusals.map((refusal) => ({ ...refusal, vmId })));
  const report = readinessOf(preview, seen.facts, wish);
  const refusals = [...preview.refusals.map((refusal) => ({ ...refusal, vmId: null })), ...ofVms];
  return {
    ...report,
    verdict: refusals.length > 0 ? 'fail' : report.verdict,
    refusals,
    withoutEffectiveRules: seen.unseen,
  };
}

/** Of VMs that replicate already, by Lifeboat's ids: one report for each vault and way. */
export async function reportsOnReplicated(
  ids: readonly string[],
  comingVms: ComingVms,
): Promise<readonly Report[]> {
  const vms = await findVms(ids);
  const unknown = ids.filter((id) => !vms.some((vm) => vm.id === id));
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `Lifeboat does not know ${unknown.join(', ')}. Nothing was checked. GET ` +
        '/api/v1/replications lists what it knows.',
      { vms: unknown },
    );
  const sources = await sourcesOf([...new Set(vms.map((vm) => vm.vaultArmId))]);
  const ways = Map.groupBy(vms, (vm) =>
    JSON.stringify([
      vm.vaultArmId,
      vm.sites[vm.direction].region,
      vm.sites[vm.direction === 'original' ? 'reversed' : 'original'].region,
    ]),
  );
  return Promise.all(
    [...ways].map(([way, its]) => {
      const [vault, , region] = JSON.parse(way) as [string, string, string];
      const named = its.flatMap((vm) => sources.get(vm.armId.toLowerCase()) ?? []);
      return reportOn(
        PrepareWish.parse({ vault: { id: vault }, target: { region }, vms: named.map((id) => ({ id })) }),
        comingVms,
      );
    }),
  );
}

/** The VMs that the items of these vaults read from, by ARM id of the item. */
async function sourcesOf(vaults: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const items = await Promise.all(
    vaults.map((vault) =>
      reading(`the items of ${vault}`, async () => (await siteRecoveryOf(vault)).items()),
    ),
  );
  return new Map(items.flat().map((item) => [item.armId.toLowerCase(), item.sourceVmId]));
}

export interface MendingWish {
  readonly vms: readonly string[];
  readonly targetRegion?: string | undefined;
  readonly multiVmGroup: boolean;
}

/** The rules that would let these VMs replicate, for each security group in which something is closed. */
export async function mendingFor({ vms: ids, targetRegion, multiVmGroup }: MendingWish): Promise<{
  readonly securityGroups: readonly Mending[];
  readonly withoutEffectiveRules: readonly string[];
}> {
  // Where they go decides only how narrow a service tag may be that is allowed already; a region
  // that no one sells is not asked for anything.
  const found = await survey(
    PrepareWish.parse({ vms: ids.map((id) => ({ id })), target: { region: targetRegion ?? 'nowhere' } }),
    {},
  );
  const named = new Set(ids.map((id) => id.toLowerCase()));
  const vms = found.vms.filter(({ id }) => named.has(id.toLowerCase()));
  const unknown = ids.filter((id) => !vms.some((vm) => vm.id.toLowerCase() === id.toLowerCase()));
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `There is no VM ${unknown.join(', ')}, or it cannot be seen. Nothing was looked at. GET ` +
        '/api/v1/sources/vms lists what is there.',
      { vms: unknown },
    );
  const { facts, unseen } = await withEffectiveRules(found, named);
  const places = Map.groupBy(vms, ({ region, subscription }) => `${region} ${subscription}`);
  const securityGroups = [...places.values()].flatMap((its) =>
    rulesFor(
      facts,
      PrepareWish.parse({
        vms: its.map(({ id }) => ({ id })),
        target: { region: targetRegion ?? its[0]?.region },
        ...(multiVmGroup ? { multiVmGroup: { name: 'members' } } : {}),
      }),
    ),
  );
  return { securityGroups, withoutEffectiveRules: unseen };
}
